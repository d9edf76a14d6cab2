//! What an export takes for granted, as predicates over source requests.

use bailiwick_compiler::model::*;
use bailiwick_compiler::targets::Assumption;
use bailiwick_compiler::targets::reading::Predicate;
use bailiwick_grammar::ast::{CompareOp, Pattern, PatternPart};

/// Every one of the assumptions, of calls to the operation.
pub fn all<'a>(model: &Model, assumptions: impl IntoIterator<Item = &'a Assumption>, op: OpId) -> Predicate {
    Predicate::All(assumptions.into_iter().map(|assumption| predicate(model, assumption, op)).collect())
}

/// Whether it speaks of the artifacts of a grant, and not of the sessions that meet them.
pub fn is_of_artifact(assumption: &Assumption) -> bool {
    match assumption {
        Assumption::RemovedAt { .. } | Assumption::InstalledFrom { .. } => true,
        Assumption::WellFormedRequests
        | Assumption::StrictJson
        | Assumption::OneIdentityPerAgent
        | Assumption::OneIdentityPerPurpose
        | Assumption::TagSetByIssuer { .. }
        | Assumption::ApprovalOfSession { .. }
        | Assumption::MaximumSessionLength { .. }
        | Assumption::StaticDataClasses
        | Assumption::IssuedAtAuthentication { .. }
        | Assumption::NoDelegatedUse
        | Assumption::OneSegment { .. } => false,
    }
}

fn predicate(model: &Model, assumption: &Assumption, op: OpId) -> Predicate {
    match assumption {
        // Proofs speak of well-formed requests, and readers already of whose identity it is.
        Assumption::WellFormedRequests
        | Assumption::StrictJson
        | Assumption::OneIdentityPerAgent
        | Assumption::OneIdentityPerPurpose
        | Assumption::TagSetByIssuer { .. }
        | Assumption::ApprovalOfSession { .. } => Predicate::TRUE,
        Assumption::MaximumSessionLength { seconds } => Predicate::Age(*seconds),
        Assumption::RemovedAt { instant } => {
            Predicate::compare(&Attr::Now, CompareOp::Lt, Value::Instant(*instant))
        }
        Assumption::InstalledFrom { instant } => {
            Predicate::compare(&Attr::Now, CompareOp::Ge, Value::Instant(*instant))
        }
        Assumption::StaticDataClasses => {
            let declared = &model.op(op).declared;
            let there = declared.iter().map(|label| Predicate::DataMeets(ClassSet::only(label)));
            Predicate::All([Predicate::DataWithin(declared.clone())].into_iter().chain(there).collect())
        }
        // A level that nobody knows assumes nothing.
        Assumption::IssuedAtAuthentication { level } => {
            Authn::named(level).map_or(Predicate::TRUE, Predicate::at_least)
        }
        Assumption::NoDelegatedUse => Predicate::Hops(0),
        Assumption::OneSegment { tool, argument } => {
            if *model.tool(model.op(op).tool).name != **tool {
                return Predicate::TRUE;
            }
            let holds = |mark: &str| {
                let attr = Attr::Arg(argument.as_str().into());
                let text = PatternPart::Text(mark.into());
                let pattern = Pattern(vec![PatternPart::Star, text, PatternPart::Star]);
                Predicate::atom(Atom::Like { attr, pattern })
            };
            Predicate::All(vec![holds("/").negate(), holds(":").negate()])
        }
    }
}
