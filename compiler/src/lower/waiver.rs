//! Waivers: findings that somebody accepts for a time.

use super::rule::Head;
use super::scope::{Lowered, Reported, Scope};
use crate::diagnostic::{Explanation, error};
use crate::model::*;
use crate::resolve::Kind;
use crate::resolve::names::suggest;
use bailiwick_grammar::At;
use bailiwick_grammar::ast::{Name, WaiveItem};

/// What a waiver can speak of, in its word.
const SUBJECTS: [(&str, Kind); 12] = [
    ("agent", Kind::Agent),
    ("grant", Kind::Grant),
    ("tool", Kind::Tool),
    ("purpose", Kind::Purpose),
    ("data", Kind::Data),
    ("person", Kind::Principal),
    ("team", Kind::Principal),
    ("forbid", Kind::Forbid),
    ("ceiling", Kind::Ceiling),
    ("separate", Kind::Separate),
    ("toxic", Kind::Toxic),
    ("standard", Kind::Standard),
];

/// What a declaration is to a waiver; `None` where that takes more than its kind to know.
pub fn subject_of(kind: Kind, name: &Str) -> Option<(&'static str, Str)> {
    let mut words = SUBJECTS.iter().filter(|(_, of)| *of == kind);
    match (words.next(), words.next()) {
        (Some((word, _)), None) => Some((word, name.clone())),
        _ => None,
    }
}

impl Scope<'_> {
    /// A waiver. Whether there is such a finding is for the analyzer to say, which knows its rules.
    pub fn waiver(
        &mut self,
        head: &Head,
        finding: &Name,
        kind: &Name,
        subject: &Name,
        items: &[At<WaiveItem>],
    ) -> Lowered<Waiver> {
        let (mut by, mut because, mut until, mut stated_by) = (None, None, None, false);
        for item in items {
            match &item.node {
                WaiveItem::By(name) => {
                    stated_by = true;
                    if let Ok(person) = self.principal(name) {
                        self.once(&mut by, person, item.span, "by");
                    }
                }
                WaiveItem::Because(text) => self.once(&mut because, text.node.clone(), item.span, "because"),
                WaiveItem::Until(when) => self.once(&mut until, when.node, item.span, "until"),
            }
        }
        let subject_known = self.waived(kind, subject);
        let span = head.name_span;
        if !stated_by {
            let _ = self.required(None::<()>, span, "by", "say who accepts it: `by NAME`");
        }
        let because = self.required(because, span, "because", "say why: `because \"…\"`");
        let until = self.required(
            until,
            span,
            "until",
            "say until when: `until 2027-01-31`; nothing is accepted for ever",
        );
        subject_known?;
        Ok(Waiver {
            finding: finding.node.clone(),
            subject_kind: kind.node.clone(),
            subject: subject.node.clone(),
            origin: head.origin.clone(),
            by: by.ok_or(Reported)?.node,
            because: because?.node,
            until: until?.node,
        })
    }

    fn waived(&mut self, kind: &Name, subject: &Name) -> Lowered<()> {
        let found = SUBJECTS.iter().find(|(word, _)| *word == &*kind.node).map(|(_, kind)| *kind);
        let kind = self.word(kind, "kind of subject", found, &SUBJECTS.map(|(word, _)| word))?;
        self.declared(kind, subject)
    }
}

/// Waivers of findings that no rule makes and no declaration is named after: `codes` are those of
/// the rules. A slip would otherwise accept nothing and look as if it did.
pub fn unknown_findings(model: &Model, codes: &[&'static str]) -> Vec<crate::Diagnostic> {
    let rules: Vec<&str> = (model.combinations.iter().map(|rule| &*rule.name))
        .chain(model.standards.iter().map(|rule| &*rule.name))
        .chain(model.ceilings.iter().map(|rule| &*rule.name))
        .chain(codes.iter().copied())
        .collect();
    let unknown = model.waivers.iter().filter(|waiver| !rules.contains(&&*waiver.finding));
    unknown
        .map(|waiver| {
            let problem = error("unknown-finding", format!("no rule finds `{}`", waiver.finding));
            let help = match suggest(&waiver.finding, &rules) {
                Some(near) => format!("did you mean `{near}`?"),
                None => {
                    "name a rule's code, or the separation, combination, standard or ceiling that was broken"
                        .into()
                }
            };
            problem.at(&waiver.origin.module, waiver.origin.span).help(help)
        })
        .collect()
}

pub(crate) const EXPLANATIONS: &[Explanation] = &[Explanation::error(
    "unknown-finding",
    "a waiver accepts a finding that no rule makes",
    "it would accept nothing, and look as if it did",
    "person alice { email \"alice@acme.example\" }\nwaive over-privlege on person alice { by alice  because \"x\"  until 2027-01-01 }\n",
    "name a rule's code, or the rule declaration that was broken",
)];
