//! Tokens to a tree.

use super::Expr;
use super::lex::{Token, tokens};
use bailiwick_grammar::ast::CompareOp;

/// Longer expressions are not read.
const LONGEST: usize = 256 * 1024;

/// Deeper ones neither.
const DEEPEST: usize = 48;

/// Reads an expression.
///
/// # Errors
///
/// What is not understood, in a sentence.
pub fn parse(text: &str) -> Result<Expr, String> {
    if text.len() > LONGEST {
        return Err(format!("it is longer than {LONGEST} bytes"));
    }
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0 };
    let expr = parser.expr()?;
    match parser.peek() {
        None => Ok(expr),
        Some(token) => Err(format!("{} comes where an operator could", show(token))),
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

fn show(token: &Token) -> String {
    match token {
        Token::Name(text) | Token::Digits(text) => format!("`{text}`"),
        Token::Text(text) => format!("the text `{text}`"),
        Token::Mark(mark) => format!("`{mark}`"),
    }
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn takes(&mut self, mark: &str) -> bool {
        let is = matches!(self.peek(), Some(Token::Mark(have)) if *have == mark);
        self.at += usize::from(is);
        is
    }

    fn demand(&mut self, mark: &str) -> Result<(), String> {
        if self.takes(mark) { Ok(()) } else { Err(format!("a `{mark}` is missing")) }
    }

    fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T, String>) -> Result<T, String> {
        if self.depth == DEEPEST {
            return Err("it is nested too deeply".to_string());
        }
        self.depth += 1;
        let read = inner(self);
        self.depth -= 1;
        read
    }

    fn expr(&mut self) -> Result<Expr, String> {
        self.deeper(|parser| {
            let test = parser.any()?;
            if !parser.takes("?") {
                return Ok(test);
            }
            let yes = parser.any()?;
            parser.demand(":")?;
            let no = parser.expr()?;
            Ok(Expr::Choice(Box::new(test), Box::new(yes), Box::new(no)))
        })
    }

    fn any(&mut self) -> Result<Expr, String> {
        let mut parts = vec![self.all()?];
        while self.takes("||") {
            parts.push(self.all()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expr::Any(parts) })
    }

    fn all(&mut self) -> Result<Expr, String> {
        let mut parts = vec![self.relation()?];
        while self.takes("&&") {
            parts.push(self.relation()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expr::All(parts) })
    }

    fn relation(&mut self) -> Result<Expr, String> {
        let left = self.unary()?;
        let op = match self.peek() {
            Some(Token::Name(name)) if name == "in" => None,
            Some(Token::Mark(mark)) => match *mark {
                "==" => Some(CompareOp::Eq),
                "!=" => Some(CompareOp::Ne),
                "<" => Some(CompareOp::Lt),
                "<=" => Some(CompareOp::Le),
                ">" => Some(CompareOp::Gt),
                ">=" => Some(CompareOp::Ge),
                _ => return Ok(left),
            },
            Some(_) | None => return Ok(left),
        };
        self.at += 1;
        let right = Box::new(self.unary()?);
        let left = Box::new(left);
        // A second relation would be about the first one's answer, and ends as a token too many.
        Ok(match op {
            Some(op) => Expr::Compare(left, op, right),
            None => Expr::In(left, right),
        })
    }

    fn unary(&mut self) -> Result<Expr, String> {
        if self.takes("!") {
            return self.deeper(|parser| Ok(Expr::Not(Box::new(parser.unary()?))));
        }
        let minus = self.takes("-");
        if let Some(Token::Digits(digits)) = self.peek() {
            let text = if minus { format!("-{digits}") } else { digits.clone() };
            let value = text.parse().map_err(|_| format!("`{text}` is no 64-bit integer"))?;
            self.at += 1;
            return Ok(Expr::Int(value));
        }
        if minus { Err("a `-` stands before something that is no number".to_string()) } else { self.member() }
    }

    fn member(&mut self) -> Result<Expr, String> {
        let mut expr = self.primary()?;
        let mut length = 0;
        loop {
            length += 1;
            if length > DEEPEST {
                return Err("a path is too long".to_string());
            }
            if self.takes(".") {
                let Some(Token::Name(name)) = self.peek().cloned() else {
                    return Err("a name is missing after `.`".to_string());
                };
                self.at += 1;
                expr = match self.takes("(") {
                    true => Expr::Call(Some(Box::new(expr)), name, self.list(")")?),
                    false => Expr::Field(Box::new(expr), name),
                };
            } else if self.takes("[") {
                let Some(Token::Text(name)) = self.peek().cloned() else {
                    return Err("an index is no text".to_string());
                };
                self.at += 1;
                self.demand("]")?;
                expr = Expr::Field(Box::new(expr), name);
            } else {
                return Ok(expr);
            }
        }
    }

    fn primary(&mut self) -> Result<Expr, String> {
        let Some(token) = self.peek().cloned() else {
            return Err("it ends too early".to_string());
        };
        self.at += 1;
        match token {
            Token::Text(text) => Ok(Expr::Text(text)),
            Token::Mark("(") => {
                let inner = self.expr()?;
                self.demand(")")?;
                Ok(inner)
            }
            Token::Mark("[") => Ok(Expr::List(self.list("]")?)),
            Token::Name(name) => match name.as_str() {
                "true" => Ok(Expr::Bool(true)),
                "false" => Ok(Expr::Bool(false)),
                "in" | "null" => Err(format!("`{name}` is not understood here")),
                _ if !self.takes("(") => Ok(Expr::Name(name)),
                "has" => match <[Expr; 1]>::try_from(self.list(")")?) {
                    Ok([Expr::Field(of, field)]) => Ok(Expr::Has(of, field)),
                    Ok(_) | Err(_) => Err("`has` is asked of something that is no field".to_string()),
                },
                _ => Ok(Expr::Call(None, name, self.list(")")?)),
            },
            token @ (Token::Digits(_) | Token::Mark(_)) => Err(format!("{} comes too early", show(&token))),
        }
    }

    /// The expressions up to a bracket, which is taken too.
    fn list(&mut self, end: &str) -> Result<Vec<Expr>, String> {
        let mut all = Vec::new();
        while !self.takes(end) {
            all.push(self.expr()?);
            if !self.takes(",") {
                self.demand(end)?;
                break;
            }
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_bind_as_cel_says() {
        let read = |text: &str| parse(text).expect("an expression");
        assert_eq!(read("a || b && !c == d"), read("(a || (b && ((!c) == d)))"));
        assert_eq!(read("a ? b : c ? d : e"), read("a ? b : (c ? d : e)"));
        assert_eq!(read("x in ['a', \"b\",]"), read("(x) in ([\"a\", 'b'])"));
        assert_eq!(
            read("a.b.c == -9223372036854775808"),
            read("a[\"b\"].c == -9223372036854775808 // least")
        );
        assert_eq!(read(r#""\u00e9\x41\n""#), Expr::Text("\u{e9}A\n".to_string()));
    }

    #[test]
    fn what_is_not_understood_is_an_error_and_no_overflow() {
        let (deep, negated) = ("(".repeat(200_000), "!".repeat(200_000));
        let (path, list) = (format!("a{}", ".b".repeat(60_000)), "[".repeat(200_000));
        for text in [
            "",
            "a +",
            "a + b",
            "1.5",
            "0x10",
            "1u",
            "r\"a\"",
            "b'a'",
            "\"a",
            "\"\"\"a\"\"\"",
            "a == b == c",
            "a b",
            "a.",
            "a[0]",
            "has(a)",
            "has()",
            "has(a.b, a.c)",
            "-a",
            "9223372036854775808",
            "a ? b",
            "{\"a\": 1}",
            "a && ",
            "null",
            "\"\\q\"",
            "\"\\ud800\"",
            "a @ b",
            "(a",
            &deep,
            &negated,
            &path,
            &list,
        ] {
            assert!(parse(text).is_err(), "{}", &text[..text.len().min(20)]);
        }
    }
}
