//! Cedar's grammar, by recursive descent. What it does not know is an error that says where.

mod expression;
mod names;

use super::lex::{Char, Token, characters, tokens};
use super::tree::{Policy, Scope, Uid};
use bailiwick_grammar::ast::{Pattern, PatternPart};

/// The policies of a file.
pub fn policies(text: &str) -> Result<Vec<Policy>, String> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, at: 0, depth: 0 };
    let mut found = Vec::new();
    while parser.at < tokens.len() {
        found.push(parser.policy()?);
    }
    Ok(found)
}

struct Parser<'t> {
    tokens: &'t [(Token, usize)],
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    fn line(&self) -> usize {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(1, |(_, line)| *line)
    }

    fn wrong<T>(&self, what: &str) -> Result<T, String> {
        Err(format!("line {}: {what}", self.line()))
    }

    fn sign(&mut self, sign: &str) -> bool {
        let there = matches!(self.peek(), Some(Token::Sign(found)) if *found == sign);
        self.at += usize::from(there);
        there
    }

    fn need(&mut self, sign: &str) -> Result<(), String> {
        if self.sign(sign) { Ok(()) } else { self.wrong(&format!("`{sign}` is missing")) }
    }

    fn keyword(&mut self, word: &str) -> bool {
        let there = matches!(self.peek(), Some(Token::Word(found)) if found == word);
        self.at += usize::from(there);
        there
    }

    fn word(&mut self) -> Result<String, String> {
        match self.peek() {
            Some(Token::Word(word)) => {
                let word = word.clone();
                self.at += 1;
                Ok(word)
            }
            _ => self.wrong("a word is missing"),
        }
    }

    fn raw(&mut self) -> Option<String> {
        let Some(Token::Text(raw)) = self.peek() else { return None };
        let raw = raw.clone();
        self.at += 1;
        Some(raw)
    }

    fn text(&mut self) -> Result<String, String> {
        let Some(raw) = self.raw() else { return self.wrong("a string is missing") };
        let plain = |c: Char| match c {
            Char::Plain(c) => Some(c),
            Char::Star => Some('*'),
            Char::EscapedStar => None,
        };
        let text = characters(&raw).and_then(|chars| chars.into_iter().map(plain).collect());
        text.map_or_else(|| self.wrong("a string has an escape that is none"), Ok)
    }

    fn pattern(&mut self) -> Result<Pattern, String> {
        let Some(raw) = self.raw() else { return self.wrong("a pattern is missing") };
        let Some(chars) = characters(&raw) else {
            return self.wrong("a pattern has an escape that is none");
        };
        let mut parts: Vec<PatternPart> = Vec::new();
        for run in chars.chunk_by(|a, b| (*a == Char::Star) == (*b == Char::Star)) {
            let text = run.iter().map(|c| match c {
                Char::Plain(c) => *c,
                Char::Star | Char::EscapedStar => '*',
            });
            parts.push(match run {
                [Char::Star, ..] => PatternPart::Star,
                _ => PatternPart::Text(text.collect::<String>().into()),
            });
        }
        Ok(Pattern(parts))
    }

    fn policy(&mut self) -> Result<Policy, String> {
        let line = self.line();
        let mut annotations: Vec<(String, String)> = Vec::new();
        while self.sign("@") {
            let name = self.word()?;
            let text = if self.sign("(") {
                let text = self.text()?;
                self.need(")")?;
                text
            } else {
                String::new()
            };
            if annotations.iter().any(|(other, _)| *other == name) {
                return self.wrong(&format!("`@{name}` comes twice"));
            }
            annotations.push((name, text));
        }
        let permits = match self.word()?.as_str() {
            "permit" => true,
            "forbid" => false,
            _ => return self.wrong("neither `permit` nor `forbid`"),
        };
        self.need("(")?;
        let principal = self.scope("principal")?;
        self.need(",")?;
        let action = self.scope("action")?;
        self.need(",")?;
        let resource = self.scope("resource")?;
        self.sign(",");
        self.need(")")?;
        let mut clauses = Vec::new();
        while !self.sign(";") {
            let when = match self.word()?.as_str() {
                "when" => true,
                "unless" => false,
                _ => return self.wrong("neither `when` nor `unless`"),
            };
            self.need("{")?;
            clauses.push((when, self.expr()?));
            self.need("}")?;
        }
        Ok(Policy { annotations, permits, principal, action, resource, clauses, line })
    }

    fn scope(&mut self, variable: &str) -> Result<Scope, String> {
        if !self.keyword(variable) {
            return self.wrong(&format!("`{variable}` is missing"));
        }
        if self.sign("==") {
            return Ok(Scope::Is(self.uid()?));
        }
        if self.keyword("is") {
            let kind = self.path()?;
            let of = if self.keyword("in") { Some(self.uid()?) } else { None };
            return Ok(Scope::Type(kind, of));
        }
        if !self.keyword("in") {
            return Ok(Scope::Any);
        }
        if !self.sign("[") {
            return Ok(Scope::In(vec![self.uid()?]));
        }
        let mut uids = Vec::new();
        while !self.sign("]") {
            uids.push(self.uid()?);
            if !self.sign(",") {
                self.need("]")?;
                break;
            }
        }
        Ok(Scope::In(uids))
    }

    fn path(&mut self) -> Result<String, String> {
        let mut path = self.word()?;
        while matches!(self.tokens.get(self.at + 1), Some((Token::Word(_), _))) && self.sign("::") {
            path = format!("{path}::{}", self.word()?);
        }
        Ok(path)
    }

    fn uid(&mut self) -> Result<Uid, String> {
        if self.sign("?") {
            return self.wrong("this is a template, whose slots are filled elsewhere");
        }
        let kind = self.path()?;
        self.need("::")?;
        Ok(Uid { kind, id: self.text()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::cedar::read::tree::Expr;

    #[test]
    fn a_policy_has_its_parts() {
        let text = r#"
            // a comment
            @id("a") permit (principal == A::B::"x", action in [A::"y"], resource is T) when { -1 < 2 && !(context has a.b) }
            unless { context["k"] like "a\*b*" };"#;
        let found = policies(text).expect("it is one");
        let [policy] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(policy.principal, Scope::Is(Uid { kind: "A::B".into(), id: "x".into() }));
        assert_eq!(policy.resource, Scope::Type("T".into(), None));
        let (false, Expr::Like(_, pattern)) = &policy.clauses[1] else { panic!("{policy:?}") };
        assert_eq!(pattern.0, [PatternPart::Text("a*b".into()), PatternPart::Star]);
    }

    #[test]
    fn what_is_none_is_an_error_and_never_a_crash() {
        let deep = format!(
            "permit(principal,action,resource) when {{ {}1{} }};",
            "(".repeat(9999),
            ")".repeat(9999)
        );
        let long = |sign: &str| {
            let chain = vec!["1"; 200_000].join(sign);
            format!("permit(principal, action, resource) when {{ {chain} == 1 }};")
        };
        let (sum, product) = (long("+"), long("*"));
        let path = format!("permit(principal,action,resource) when {{ a{} }};", ".b".repeat(99_999));
        for bad in [
            &sum,
            &product,
            &path,
            "permit",
            "permit(principal == ?principal, action, resource);",
            "permit(principal, action, resource) when { 99999999999999999999 == 1 };",
            "permit(principal, action, resource) when { \"\\q\" == 1 };",
            "permit(principal, action, resource) when { foo };",
            "permit(principal, action, resource) when { ipv4(\"10.0.0.1\").isIpv4() };",
            "permit(principal, action, resource) when { context.data.contain(1) };",
            "permit(principal, action, resource) when { context.data.contains() };",
            "permit(principal, action, resource)",
            "@a(\"b\") @a(\"c\") permit(principal, action, resource);",
            &deep,
        ] {
            assert!(policies(bad).is_err(), "{}", &bad[..40.min(bad.len())]);
        }
    }
}
