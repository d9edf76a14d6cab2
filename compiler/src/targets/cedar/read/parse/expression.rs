//! Expressions, by precedence: from `if` and `||` down to literals.

use super::Parser;
use super::names::{FUNCTIONS, METHODS};
use crate::targets::cedar::read::lex::Token;
use crate::targets::cedar::read::tree::{Binary, Expr, Uid};

/// How deep expressions may nest.
const DEPTH: usize = 128;
/// How long a chain of attributes, sums or products may be: each step nests what is before it.
const CHAIN: usize = 16;

impl Parser<'_> {
    pub(super) fn expr(&mut self) -> Result<Expr, String> {
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
                    let args = self.list(")")?;
                    self.known("method", METHODS, &name, &args)?;
                    Expr::Method(Box::new(of), name, args)
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

    /// What a call of an unknown name is worth, nobody can say.
    fn known(&self, what: &str, names: &[(&str, usize)], name: &str, args: &[Expr]) -> Result<(), String> {
        match names.iter().find(|(known, _)| *known == name) {
            Some((_, count)) if *count == args.len() => Ok(()),
            Some((_, count)) => self.wrong(&format!("the {what} `{name}` takes {count} arguments")),
            None => self.wrong(&format!("there is no {what} `{name}`")),
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
                    let args = self.list(")")?;
                    self.known("function", FUNCTIONS, &path, &args)?;
                    return Ok(Expr::Call(path, args));
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
