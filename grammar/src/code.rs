//! The codes of everything that can be wrong with a text.

macro_rules! codes {
    ($($variant:ident $text:literal,)*) => {
        /// What is wrong with a text, as one word. A [`crate::SyntaxError`] has no other code, so
        /// whoever documents each of [`Code::ALL`] has documented them all.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[allow(missing_docs)] // each is the word it is named after
        pub enum Code { $($variant,)* }

        impl Code {
            /// Every code, sorted.
            pub const ALL: &[Code] = &[$(Code::$variant,)*];

            /// The code as it is reported: a stable kebab-case word.
            pub const fn text(self) -> &'static str {
                match self { $(Code::$variant => $text,)* }
            }
        }
    };
}

codes! {
    BadDuration "bad-duration",
    BadEscape "bad-escape",
    BadInstant "bad-instant",
    BadNumber "bad-number",
    BadTime "bad-time",
    DecimalOverflow "decimal-overflow",
    FileTooLarge "file-too-large",
    ForeignOperator "foreign-operator",
    ImpossibleDate "impossible-date",
    InstantOutOfRange "instant-out-of-range",
    IntegerOverflow "integer-overflow",
    InvisibleCharacter "invisible-character",
    MissingBrace "missing-brace",
    MissingQuotes "missing-quotes",
    MissingUnit "missing-unit",
    NeedlessQuotes "needless-quotes",
    NestedTooDeep "nested-too-deep",
    NotAscii "not-ascii",
    ReservedWord "reserved-word",
    Semicolon "semicolon",
    SingleEquals "single-equals",
    SingleQuotes "single-quotes",
    SlashComment "slash-comment",
    StrayBrace "stray-brace",
    Syntax "syntax",
    TooManyPlaces "too-many-places",
    UnexpectedCharacter "unexpected-character",
    UnknownScope "unknown-scope",
    UnknownWord "unknown-word",
    UnterminatedString "unterminated-string",
    WrongQualifier "wrong-qualifier",
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn codes_are_sorted_and_distinct() {
        assert!(Code::ALL.is_sorted_by(|one, next| one.text() < next.text()));
    }
}
