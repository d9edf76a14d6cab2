//! What is wrong with a file's text: the grammar's errors as diagnostics, and their documentation.

use crate::db::{Db, SourceFile, parse};
use crate::diagnostic::{Diagnostic, Explanation, Fix, Location};
use crate::model::Str;
use bailiwick_grammar::{Code, SyntaxError};

/// What is wrong with a file's text.
pub(crate) fn errors(db: &dyn Db, file: SourceFile) -> Vec<Diagnostic> {
    let module = file.module(db);
    let errors = parse(db, file);
    errors.errors.iter().map(|error| diagnostic(module, error)).collect()
}

/// An error of the grammar in a module's text.
pub(crate) fn diagnostic(module: &Str, error: &SyntaxError) -> Diagnostic {
    let mut diagnostic = Diagnostic::error(error.code, error.message.clone()).at(module, error.span);
    diagnostic.help = error.help.clone();
    diagnostic.fix = error.fix.as_ref().map(|(span, text)| Fix {
        title: title(span.start == span.end, text),
        edits: vec![(Location { module: module.clone(), span: *span }, text.clone())],
    });
    diagnostic
}

/// What a replacement does, where it replaces nothing or something.
fn title(inserts: bool, text: &str) -> String {
    match (inserts, text.trim()) {
        (_, "") if text.is_empty() => "remove it".to_owned(),
        (_, "") => "replace with a space".to_owned(),
        (true, seen) => format!("insert `{seen}`"),
        (false, seen) => format!("replace with `{seen}`"),
    }
}

/// The documentation of every code of the grammar.
pub(crate) fn explanations() -> impl Iterator<Item = Explanation> {
    Code::ALL.iter().map(|code| {
        let [finds, why, example, remedy] = explain(*code);
        Explanation::error(code.text(), finds, why, example, remedy)
    })
}

/// What a code finds, why that matters, an example and the remedy.
fn explain(code: Code) -> [&'static str; 4] {
    match code {
        Code::BadDuration => [
            "a duration whose units are unknown, repeated, out of order or missing, or that is too long",
            "`30m1h` could be a slip for several durations, and a limit of time must be the one that was meant",
            "grant g { to a for p  allow t  ttl 30m1h }\n",
            "write whole numbers with the units `w d h m s`, each at most once, largest first: `1h30m`",
        ],
        Code::BadEscape => [
            "a backslash in a string that starts no escape",
            "a backslash that is read as itself in one place and as an escape in another would hide what a string says",
            "purpose p { \"Tidy C:\\work.\" }\n",
            "write `\\\\` for a backslash; the escapes are `\\\"` `\\\\` `\\n` `\\t` `\\r` and `\\u{…}`, and `\\*` in a `like` pattern",
        ],
        Code::BadInstant => [
            "a date or a moment that is not written as one",
            "a date that could be read in two ways would let a grant end on another day than was meant",
            "grant g { to a for p  allow t  expires 2026-13-01 }\n",
            "write `2026-10-01`, or `2026-10-01T09:30:00Z` for a moment; moments are in UTC and in whole seconds",
        ],
        Code::BadNumber => [
            "a run that starts with a digit and is no number, duration, date or time",
            "nothing is guessed about a value; and a name that starts with a digit could be taken for one",
            "agent 2nd-line { owner alice }\n",
            "write a value as `500`, `12.5`, `1h30m`, `2026-10-01` or `09:30`; let a name start with a letter",
        ],
        Code::BadTime => [
            "a time of day that does not exist, or is not written `HH:MM`",
            "the hours in which something is allowed must be exactly those that were meant",
            "grant g {\n  to a for p\n  allow t\n  when during weekdays 09:60 to 17:00 in Europe/Zurich\n  starts 2026-10-01\n  expires 2027-06-30\n}\n",
            "write hours and minutes in two digits each, from `00:00` to `24:00`",
        ],
        Code::DecimalOverflow => [
            "a decimal beyond -922337203685477.5808 or 922337203685477.5807",
            "a limit that wraps around or is cut off would allow what it was written to prevent",
            "grant g { to a for p  allow t where args.amount < 1000000000000000.0 }\n",
            "write a smaller number; it is likely not the limit that was meant",
        ],
        Code::FileTooLarge => [
            "a file of more than 4 GiB",
            "places in a file are counted in 32 bits",
            "# four gibibytes of grants\n",
            "split the file into several, which `use` one another",
        ],
        Code::ForeignOperator => [
            "an operator of other languages: `&&`, `||` or `!`",
            "conditions have one spelling, so that everybody who reviews a policy reads it alike",
            "grant g { to a for p  allow t where args.amount < 5 && !args.urgent }\n",
            "write `and`, `or`, `not`",
        ],
        Code::ImpossibleDate => [
            "a day that its month does not have",
            "what ends on a day that never comes might never end",
            "grant g { to a for p  allow t  expires 2027-02-29 }\n",
            "write a date of the calendar",
        ],
        Code::InstantOutOfRange => [
            "a date before 1970, or from 2200 on",
            "every target that a policy is exported to must agree on what a date means, and they do in this range",
            "grant g { to a for p  allow t  expires 2200-01-01 }\n",
            "write a date from 1970-01-01 up to, not including, 2200-01-01; leave `expires` out for a grant that does not end",
        ],
        Code::IntegerOverflow => [
            "an integer that does not fit in 64 bits",
            "a limit that wraps around or is cut off would allow what it was written to prevent",
            "grant g { to a for p  allow t where args.amount < 9223372036854775808 }\n",
            "write a number from -9223372036854775808 to 9223372036854775807",
        ],
        Code::InvisibleCharacter => [
            "a character that cannot be seen, or that changes the order in which others are shown",
            "with one, a policy can say something else than a reviewer sees; two names that look the same can differ",
            "# a space of no width stands before `-bot`\nagent support\u{200b}-bot { owner alice }\n",
            "remove it; inside a string write it as an escape, such as `\\u{200b}`",
        ],
        Code::MissingBrace => [
            "a `{` that is never closed",
            "where a declaration ends decides what it says, and nothing is guessed about it",
            "agent a {\n  owner alice\n",
            "close it with `}` where the declaration ends",
        ],
        Code::MissingQuotes => [
            "a name where only a string may stand",
            "a name stands for something that is declared, a string for itself",
            "person alice { email alice }\n",
            "put it in double quotes",
        ],
        Code::MissingUnit => [
            "a number without a unit where a duration is meant",
            "15 minutes and 15 hours are different limits",
            "grant g { to a for p  allow t  ttl 15 }\n",
            "write the unit, one of `w d h m s`: `15m`",
        ],
        Code::NeedlessQuotes => [
            "a string where only a name may stand",
            "a name stands for something that is declared, a string for itself",
            "agent a { owner \"alice\" }\n",
            "remove the quotes",
        ],
        Code::NestedTooDeep => [
            "parentheses, brackets, braces or `not` that nest more than 64 levels deep",
            "nobody can review such a condition, and hostile text must not exhaust what reads it",
            concat!(
                "forbid f {\n  tools ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((\n",
                "    t))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))\n",
                "  because \"Never.\"\n}\n"
            ),
            "flatten it: `and` and `or` need no parentheses among themselves; or split the rule into several",
        ],
        Code::NotAscii => [
            "a letter or sign of another script outside strings and comments",
            "many look like one of ASCII: two names could look the same and be two",
            "# the `o` is Cyrillic\nagent b\u{43e}t { owner alice }\n",
            "write names, keywords and numbers in ASCII; any script may stand in strings and comments",
        ],
        Code::ReservedWord => [
            "a word of the language as the name of a declaration",
            "where the name is used, it would be read as the word",
            "tool data { touches nothing }\n",
            "choose another name, such as `data-store`, or a dotted one, such as `acme.data`",
        ],
        Code::Semicolon => [
            "a semicolon",
            "a property ends where the next begins; one spelling for everybody",
            "team t { lead alice; members alice }\n",
            "remove it",
        ],
        Code::SingleEquals => [
            "`=` in a condition",
            "nothing is assigned in a policy; what compares is `==`",
            "grant g { to a for p  allow t where args.amount = 5 }\n",
            "write `==`",
        ],
        Code::SingleQuotes => [
            "a string in single quotes",
            "strings have one spelling",
            "person alice { email 'alice@acme.example' }\n",
            "write it in double quotes; a name is written without quotes",
        ],
        Code::SlashComment => [
            "a comment that starts with `//`",
            "comments have one spelling",
            "// who answers for the bot\nperson alice { email \"alice@acme.example\" }\n",
            "start it with `#`",
        ],
        Code::StrayBrace => [
            "a `}` that closes nothing",
            "a declaration may have ended earlier than was meant, and then says less",
            "agent a { owner alice } }\n",
            "remove it, or put it where the declaration ends",
        ],
        Code::Syntax => [
            "text that does not go on as the language does",
            "what cannot be read is not guessed: nothing is decided or built from a policy with an error",
            "agent a { owner 5 }\n",
            "the help lists what may stand there; the language reference shows every construct",
        ],
        Code::TooManyPlaces => [
            "a decimal with more than four places",
            "decimals are exact to four places; rounding a limit would change it",
            "grant g { to a for p  allow t where args.rate < 0.00005 }\n",
            "write at most four places",
        ],
        Code::UnexpectedCharacter => [
            "a character that the language does not use",
            "what cannot be read is not guessed",
            "agent a { owner @alice }\n",
            "remove it, or put what it belongs to in a string",
        ],
        Code::UnknownScope => [
            "a scope that is none",
            "the scope says which calls a combination counts together: another one would forbid more or less",
            "toxic t within task { }\n",
            "write `session`, `agent`, `delegation` or `owner`",
        ],
        Code::UnknownWord => [
            "a word is not one of those that can stand in its place",
            "properties, levels, effects, severities and kinds of identities are closed lists; one that is misspelt would say nothing",
            "tool t { efect read }\n",
            "choose one of the words that the help names",
        ],
        Code::UnterminatedString => [
            "a string that is not closed on its line",
            "it would swallow the rules after it",
            "person alice { email \"alice@acme.example }\n",
            "close it with `\"`; write a line end inside a string as `\\n`",
        ],
        Code::WrongQualifier => [
            "`where`, `when` or `if` in the place of another",
            "`where` narrows the tools just named, `when` the whole rule, `if` an approval: which one stands decides what is allowed",
            "grant g {\n  to a for p\n  allow t if args.amount < 5\n}\n",
            "write the word that the help names",
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_of_the_grammar_is_explained() {
        let explained: BTreeSet<&str> = crate::explanations().iter().map(|one| one.code).collect();
        let silent: Vec<_> = Code::ALL.iter().filter(|code| !explained.contains(code.text())).collect();
        assert!(silent.is_empty(), "{silent:?}");
    }

    #[test]
    fn a_fix_says_what_it_does() {
        let cases = [
            ("agent a { owner alice } }\n", "remove it"),
            ("agent a {\n  owner alice\n", "insert `}`"),
            ("tool t { efect read }\n", "replace with `effect`"),
            ("grant g { to a for p  allow t where args.a && args.b }\n", "replace with `and`"),
        ];
        for (text, expected) in cases {
            let found = crate::compile_text(&[("main", text)]);
            let titles: Vec<_> = found.diagnostics.iter().filter_map(|d| d.fix.as_ref()).collect();
            assert_eq!(titles.first().map(|fix| fix.title.as_str()), Some(expected), "{text}");
        }
        assert_eq!(title(false, " "), "replace with a space");
    }
}
