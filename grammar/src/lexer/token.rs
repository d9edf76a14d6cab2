//! The tokens, and the words of the language.

/// A token. Those with a value hold it; words and strings hold their text as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'s> {
    /// A word of the language.
    Key(Key),
    /// A name, dots included.
    Name(&'s str),
    /// A name with `*` in it.
    Glob(&'s str),
    /// Names joined with `/`: a module of the standard library, a time zone.
    Slashed(&'s str),
    /// What stands between the quotes of a string, escapes unresolved.
    Text(&'s str),
    /// A 64-bit integer.
    Int(i64),
    /// A decimal, in ten-thousandths.
    Decimal(i64),
    /// A duration, in seconds.
    Duration(i64),
    /// An instant, in seconds since 1970.
    Instant(i64),
    /// A time of day, in minutes.
    Time(u16),
    /// `{`
    BraceOpen,
    /// `}`
    BraceClose,
    /// `(`
    ParenOpen,
    /// `)`
    ParenClose,
    /// `[`
    BracketOpen,
    /// `]`
    BracketClose,
    /// `,` between two elements.
    Comma,
    /// `,` after the last element of a list.
    LastComma,
    /// `:`
    Colon,
    /// `?`
    Question,
    /// `|`
    Pipe,
    /// `=`
    Assign,
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `independent` of an `approved by … within D independent` in a condition.
    ApprovedIndependent,
    /// What is no token of the language; already reported.
    Error,
}

macro_rules! keys {
    ($($variant:ident $text:literal,)*) => {
        /// A word of the language.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[allow(missing_docs)] // each is the word it is named after
        pub enum Key { $($variant,)* }

        impl Key {
            #[cfg(test)]
            const ALL: &[Key] = &[$(Key::$variant,)*];

            /// The word as written.
            pub fn text(self) -> &'static str {
                match self { $(Key::$variant => $text,)* }
            }

            /// The word of this text.
            pub fn of(text: &str) -> Option<Key> {
                match text { $($text => Some(Key::$variant),)* _ => None }
            }
        }
    };
}

keys! {
    Actions "actions", Agent "agent", Agents "agents", Ago "ago", Allow "allow", Allowing "allowing",
    Always "always", And "and", Approval "approval", Approved "approved", Arg "arg", At "at",
    AtLeast "at-least", AtMost "at-most", Authn "authn", Aws "aws", Because "because", Bind "bind",
    Binding "binding", By "by", Calling "calling", Ceiling "ceiling", Contact "contact", Contains "contains",
    ContainsAll "contains-all", ContainsAny "contains-any", Data "data", Delegate "delegate",
    Deny "deny", Departed "departed", Depth "depth", Due "due", During "during", Duty "duty",
    Each "each", Effect "effect", Email "email", Every "every", Expires "expires", External "external",
    False "false", Field "field", For "for", Forbid "forbid", From "from", Given "given", Grant "grant",
    Grants "grants", Groups "groups", Has "has", Holds "holds", Host "host", Identity "identity",
    If "if", In "in", Independent "independent", Ingesting "ingesting", Ingests "ingests",
    Irreversible "irreversible", Joining "joining", Item "key", Kubernetes "kubernetes", Last "last",
    Lead "lead", Leg "leg", Like "like", Mcp "mcp", Members "members", NameOf "name",
    Namespace "namespace", Needs "needs", Never "never", Not "not", Nothing "nothing", Null "null",
    Of "of", On "on", Only "only", Or "or", OwnedBy "owned-by", Owner "owner", Parent "parent",
    Person "person", Prove "prove", Purpose "purpose", Reaches "reaches", Reaching "reaching",
    Reads "reads", Reference "reference", RegulatedBy "regulated-by", Regulations "regulations",
    Require "require", Resource "resource", Resources "resources", Review "review",
    Sensitivity "sensitivity", Separate "separate", Session "session", Set "set",
    Severity "severity", Standard "standard", Started "started", Starts "starts",
    SubsetOf "subset-of", Suspended "suspended", Tagged "tagged", Tags "tags", Team "team",
    Test "test", To "to", Tool "tool", Tools "tools", Touches "touches", Toxic "toxic",
    True "true", Ttl "ttl", Under "under", Unless "unless", Until "until", Untrusted "untrusted",
    Use "use", Variant "variant", Verbs "verbs", Via "via", Waive "waive", When "when",
    Where "where", With "with", Within "within", Writes "writes",
}

impl Key {
    /// Whether a declaration may start with it.
    pub fn declares(self) -> bool {
        matches!(
            self,
            Key::Use
                | Key::Session
                | Key::Person
                | Key::Team
                | Key::Agent
                | Key::Data
                | Key::Tool
                | Key::Purpose
                | Key::Grant
                | Key::Forbid
                | Key::Ceiling
                | Key::Separate
                | Key::Toxic
                | Key::Standard
                | Key::Waive
                | Key::Test
                | Key::Prove
        )
    }
}

/// A token and the bytes it covers.
pub type Spanned<'s> = (u32, Token<'s>, u32);

#[cfg(test)]
mod tests {
    use super::Key;
    use std::collections::BTreeSet;

    #[test]
    fn the_reference_lists_the_words_of_the_language() {
        let reference = include_str!("../../../docs/reference.md");
        let list = reference.split("The words of the language are ").nth(1).expect("the list");
        let list = list.lines().next().unwrap_or_default().trim_end_matches('.');
        let listed: Vec<&str> = list.split(", ").map(|word| word.trim_matches('`')).collect();
        let words: BTreeSet<&str> = Key::ALL.iter().map(|key| key.text()).collect();
        assert_eq!(listed, Vec::from_iter(words));
    }
}
