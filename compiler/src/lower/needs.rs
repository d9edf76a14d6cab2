//! What purposes need, and what owners hold.

use super::condition::Life;
use super::scope::Scope;
use crate::model::*;
use bailiwick_grammar::ast::{self, PersonItem, PurposeItem, SetExpr, TeamItem};
use bailiwick_grammar::{At, Span};

impl Scope<'_> {
    /// What a purpose needs.
    pub fn purpose_needs(&mut self, items: &[At<PurposeItem>]) -> Needs {
        let mut needs = (Vec::new(), ClassSet::new());
        for item in items {
            match &item.node {
                PurposeItem::Needs(line) => self.need(&mut needs, line, item.span),
                PurposeItem::NeedsData(set) => self.need_data(&mut needs, set),
            }
        }
        Needs { lines: needs.0, covers: self.model.covered(&needs.1) }
    }

    /// What a person holds, when they say.
    pub fn person_holds(&mut self, items: &[At<PersonItem>]) -> Option<Needs> {
        let (mut holds, mut stated) = ((Vec::new(), ClassSet::new()), false);
        for item in items {
            match &item.node {
                PersonItem::Holds(line) => self.need(&mut holds, line, item.span),
                PersonItem::HoldsData(set) => self.need_data(&mut holds, set),
                PersonItem::Email(_) | PersonItem::Identity(_) | PersonItem::Departed(_) => continue,
            }
            stated = true;
        }
        stated.then(|| Needs { lines: holds.0, covers: self.model.covered(&holds.1) })
    }

    /// What a team holds, when it says.
    pub fn team_holds(&mut self, items: &[At<TeamItem>]) -> Option<Needs> {
        let (mut holds, mut stated) = ((Vec::new(), ClassSet::new()), false);
        for item in items {
            match &item.node {
                TeamItem::Holds(line) => self.need(&mut holds, line, item.span),
                TeamItem::HoldsData(set) => self.need_data(&mut holds, set),
                TeamItem::Lead(_) | TeamItem::Members(_) | TeamItem::Contact(_) => continue,
            }
            stated = true;
        }
        stated.then(|| Needs { lines: holds.0, covers: self.model.covered(&holds.1) })
    }

    fn need(&mut self, needs: &mut (Vec<ToolLine>, ClassSet), line: &ast::ToolLine, span: Span) {
        needs.0.extend(self.line(line, span, false, Life::None, false));
    }

    fn need_data(&mut self, needs: &mut (Vec<ToolLine>, ClassSet), set: &At<SetExpr>) {
        if let Ok(classes) = self.set(set) {
            needs.1 = needs.1.union(&classes);
        }
    }
}
