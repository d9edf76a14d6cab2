//! Cedar's grammar, by recursive descent. What it does not know is an error that says where.

use super::lex::{Char, Token, characters, tokens};
use super::tree::{Binary, Expr, Policy, Scope, Uid};
use bailiwick_grammar::ast::{Pattern, PatternPart};

/// How deep expressions may nest.
const DEPTH: usize = 128;
/// How long a chain of attributes, sums or products may be: each step nests what is before it.
const CHAIN: usize = 16;

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

    fn expr(&mut self) -> Result<Expr, String> {
        if self.depth == DEPTH {
            return self.wrong(&format!("this nests more than {DEPTH} levels deep"));
        }
        self.depth += 1;
        let found = if self.keyword("if") {
            let condition = self.expr()?;
            let then =
                if self.keyword("then") { self.expr()? } else { return self.wrong("`then` is missing") };
            let other =
                if self.keyword("else") { self.expr()? } else { return self.wrong("`else` is missing") };
            Expr::If(Box::new([condition, then, other]))
        } else {
            self.chain("||", Expr::Or, |parser| parser.chain("&&", Expr::And, Parser::relation))?
        };
        self.depth -= 1;
        Ok(found)
    }

    fn chain(
        &mut self,
        sign: &str,
        join: fn(Vec<Expr>) -> Expr,
        mut part: impl FnMut(&mut Self) -> Result<Expr, String>,
    ) -> Result<Expr, String> {
        let first = part(self)?;
        let mut parts = vec![first];
        while self.sign(sign) {
            parts.push(part(self)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { join(parts) })
    }

    fn relation(&mut self) -> Result<Expr, String> {
        let left = self.sum()?;
        const SIGNS: [(&str, Binary); 6] = [
            ("==", Binary::Eq),
            ("!=", Binary::Ne),
            ("<=", Binary::Le),
            (">=", Binary::Ge),
            ("<", Binary::Lt),
            (">", Binary::Gt),
        ];
        for (sign, operator) in SIGNS {
            if self.sign(sign) {
                return Ok(Expr::Binary(operator, Box::new(left), Box::new(self.sum()?)));
            }
        }
        if self.keyword("in") {
            return Ok(Expr::Binary(Binary::In, Box::new(left), Box::new(self.sum()?)));
        }
        if self.keyword("like") {
            return Ok(Expr::Like(Box::new(left), self.pattern()?));
        }
        if self.keyword("is") {
            let kind = self.path()?;
            let of = if self.keyword("in") { Some(Box::new(self.sum()?)) } else { None };
            return Ok(Expr::Is(Box::new(left), kind, of));
        }
        if self.keyword("has") {
            if matches!(self.peek(), Some(Token::Text(_))) {
                return Ok(Expr::Has(Box::new(left), vec![self.text()?]));
            }
            let mut path = vec![self.word()?];
            while self.sign(".") {
                path.push(self.word()?);
            }
            return Ok(Expr::Has(Box::new(left), path));
        }
        Ok(left)
    }

    fn sum(&mut self) -> Result<Expr, String> {
        let mut left = self.product()?;
        for _ in 0..CHAIN {
            let operator = match () {
                () if self.sign("+") => Binary::Add,
                () if self.sign("-") => Binary::Sub,
                () => return Ok(left),
            };
            left = Expr::Binary(operator, Box::new(left), Box::new(self.product()?));
        }
        self.wrong(&format!("more than {CHAIN} numbers are added up"))
    }

    fn product(&mut self) -> Result<Expr, String> {
        let mut left = self.unary()?;
        for _ in 0..CHAIN {
            if !self.sign("*") {
                return Ok(left);
            }
            left = Expr::Binary(Binary::Mul, Box::new(left), Box::new(self.unary()?));
        }
        self.wrong(&format!("more than {CHAIN} numbers are multiplied"))
    }

    /// Up to four signs, as the language has it.
    fn unary(&mut self) -> Result<Expr, String> {
        let mut signs = Vec::new();
        loop {
            match () {
                () if self.sign("!") => signs.push('!'),
                () if self.sign("-") => signs.push('-'),
                () => break,
            }
            if signs.len() > 4 {
                return self.wrong("more than four `!` or `-` stand together");
            }
        }
        // the least number has no positive counterpart
        let mut found = match (signs.last(), self.peek()) {
            (Some('-'), Some(Token::Number(digits))) => {
                let number = format!("-{digits}").parse();
                signs.pop();
                self.at += 1;
                let number = number.or_else(|_| self.wrong("a number is too large"))?;
                self.access(Expr::Long(number))?
            }
            _ => {
                let primary = self.primary()?;
                self.access(primary)?
            }
        };
        while let Some(sign) = signs.pop() {
            found = if sign == '!' { Expr::Not(Box::new(found)) } else { Expr::Negative(Box::new(found)) };
        }
        Ok(found)
    }

    fn access(&mut self, mut of: Expr) -> Result<Expr, String> {
        let mut steps = 0;
        loop {
            if steps > CHAIN {
                return self.wrong(&format!("more than {CHAIN} attributes stand behind one another"));
            }
            steps += 1;
            if self.sign(".") {
                let name = self.word()?;
                of = if self.sign("(") {
                    Expr::Method(Box::new(of), name, self.list(")")?)
                } else {
                    Expr::Get(Box::new(of), name)
                };
            } else if self.sign("[") {
                of = Expr::Get(Box::new(of), self.text()?);
                self.need("]")?;
            } else {
                return Ok(of);
            }
        }
    }

    fn list(&mut self, close: &str) -> Result<Vec<Expr>, String> {
        let mut found = Vec::new();
        while !self.sign(close) {
            found.push(self.expr()?);
            if !self.sign(",") {
                self.need(close)?;
                break;
            }
        }
        Ok(found)
    }

    fn primary(&mut self) -> Result<Expr, String> {
        if self.sign("(") {
            let inner = self.expr()?;
            self.need(")")?;
            return Ok(inner);
        }
        if self.sign("[") {
            return Ok(Expr::Set(self.list("]")?));
        }
        if self.sign("{") {
            return self.record();
        }
        match self.peek() {
            Some(Token::Number(digits)) => {
                let number = digits.parse();
                self.at += 1;
                number.map(Expr::Long).or_else(|_| self.wrong("a number is too large"))
            }
            Some(Token::Text(_)) => self.text().map(Expr::Text),
            Some(Token::Word(_)) => {
                let path = self.path()?;
                if self.sign("::") {
                    return Ok(Expr::Entity(Uid { kind: path, id: self.text()? }));
                }
                if self.sign("(") {
                    return Ok(Expr::Call(path, self.list(")")?));
                }
                match path.as_str() {
                    "true" => Ok(Expr::Bool(true)),
                    "false" => Ok(Expr::Bool(false)),
                    "principal" => Ok(Expr::Var("principal")),
                    "action" => Ok(Expr::Var("action")),
                    "resource" => Ok(Expr::Var("resource")),
                    "context" => Ok(Expr::Var("context")),
                    _ => self.wrong(&format!("`{path}` is no variable")),
                }
            }
            Some(Token::Sign(_)) | None => self.wrong("an expression is missing"),
        }
    }

    fn record(&mut self) -> Result<Expr, String> {
        let mut fields: Vec<(String, Expr)> = Vec::new();
        while !self.sign("}") {
            let name = if matches!(self.peek(), Some(Token::Text(_))) { self.text()? } else { self.word()? };
            self.need(":")?;
            if fields.iter().any(|(other, _)| *other == name) {
                return self.wrong(&format!("`{name}` comes twice in a record"));
            }
            fields.push((name, self.expr()?));
            if !self.sign(",") {
                self.need("}")?;
                break;
            }
        }
        Ok(Expr::Record(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            "permit(principal, action, resource)",
            "@a(\"b\") @a(\"c\") permit(principal, action, resource);",
            &deep,
        ] {
            assert!(policies(bad).is_err(), "{}", &bad[..40.min(bad.len())]);
        }
    }
}
