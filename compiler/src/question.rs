//! A question about a project, in the language's own words: which calls are meant.
//!
//! It is read as a `never` proof reads its call, so that what absent attributes mean is the same:
//! a comparison with what is absent may hold. Whoever can make such a call is named exactly when
//! `never agents * calling …` is refuted.

use crate::db::{Db, Project};
use crate::diagnostic::Diagnostic;
use crate::lower::{Scope, estate};
use crate::model::{Call, Severity, Str};
use crate::resolve::modules::modules;
use crate::resolve::names::names;
use bailiwick_grammar::parse_call;
use std::collections::HashSet;

/// The module in which a question's diagnostics stand: no file can be called so.
pub const MODULE: &str = "\0question";

/// Reads `calling SET [data SET] [where CONDITION]`. It sees every name of the project.
///
/// # Errors
///
/// What is wrong with the text, at places in [`MODULE`].
pub fn read(db: &dyn Db, project: Project, text: &str) -> Result<Call, Vec<Diagnostic>> {
    let module: Str = MODULE.into();
    let tree = parse_call(text).map_err(|errors| -> Vec<_> {
        errors.iter().map(|error| crate::syntax::diagnostic(&module, error)).collect()
    })?;
    let (facts, names) = (estate::facts(db, project), names(db, project));
    let visible: HashSet<Str> = modules(db, project).files.keys().cloned().collect();
    let mut scope = Scope::new(&facts, &names, &visible, &module);
    let call = scope.call(&tree, false);
    let failed = scope.diagnostics.iter().any(|diagnostic| diagnostic.severity >= Severity::Warning);
    match call {
        Ok(call) if !failed => Ok(call),
        Ok(_) | Err(_) => Err(scope.diagnostics),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{Database, SourceFile};
    use std::sync::Arc;

    const PROJECT: &str = "data money { sensitivity restricted }\n\
        tool bank.pay { arg amount?: int  effect write  writes money }\n\
        tool bank.look { effect read  reads money }\n";

    fn ask(text: &str) -> Result<Call, Vec<(String, u32)>> {
        let db = Database::default();
        let file = SourceFile::new(&db, "main".into(), PROJECT.into());
        let project = Project::new(&db, vec![file], Arc::default(), None);
        read(&db, project, text).map_err(|found| {
            let place = |one: Diagnostic| {
                let at = one.at.expect("a place");
                assert_eq!(&*at.module, MODULE);
                (one.code.to_string(), at.span.start)
            };
            found.into_iter().map(place).collect()
        })
    }

    #[test]
    fn a_question_is_a_call_as_a_proof_has_it() {
        let call = ask("calling bank.* data money where args.amount > 5").err();
        assert_eq!(call, Some(vec![("argument-not-in-signature".into(), 32)]));
        let call = ask("calling bank.pay where args.amount > 5").unwrap();
        assert!(call.cond.literals().iter().all(|literal| literal.absent), "what is absent may be meant");
        assert_eq!(ask("calling bank.* data money").unwrap().ops.len(), 2);
    }

    #[test]
    fn what_is_no_question_says_where() {
        for (text, code, at) in [
            ("", "syntax", 0),
            ("bank.pay", "syntax", 0),
            ("calling bank.pai", "unknown-name", 8),
            ("calling bank.pay } grant g { to a for p  allow bank.pay }", "syntax", 17),
            ("calling bank.pay never agents * calling bank.look", "syntax", 17),
            ("calling bank.pay where args.amount = 5", "single-equals", 35),
        ] {
            assert_eq!(ask(text).unwrap_err(), [(code.to_string(), at)], "{text}");
        }
        let deep = format!("calling {}bank.pay", "(".repeat(100_000));
        assert_eq!(ask(&deep).unwrap_err()[0].0, "nested-too-deep");
    }
}
