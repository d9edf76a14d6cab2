//! A model in which nothing says where in the text it stands.
//!
//! Text moves about while somebody types, and what the rules find does not depend on it. So they
//! are asked of a model whose declarations are *anchored*: in place of a module each carries a
//! name of its own, and spans count from its first byte. A declaration that only moved is then
//! the same as before, and what was found of it stays found. At the end [`Anchored::place`] says
//! where it stands now.
//!
//! Worked example. `grant refunds` at bytes 300..520 of `payments/main`, with a line at 340..380,
//! is anchored as `\0grant refunds` at 0..220 with a line at 40..80. A finding at that line is
//! placed at 340..380 of `payments/main`, or, after ten bytes were typed above, at 350..390.

use crate::kept::Modules;
use bailiwick_compiler::diagnostic::{Diagnostic, Location};
use bailiwick_compiler::model::*;
use foldhash::{HashMap, HashSet};
use std::sync::Arc;

/// A model, and the same one anchored.
#[derive(Default)]
pub struct Anchored {
    /// As it was compiled.
    raw: Arc<Model>,
    /// Anchored: what the rules are asked of.
    pub model: Arc<Model>,
    /// Where each anchor is.
    origins: HashMap<Str, Origin>,
}

/// What a newer model changes.
#[derive(Default)]
pub struct Change {
    /// Whether something other than grants is not the same: then nothing that was known holds.
    pub ground: bool,
    /// For each grant, which one of the older model it is the same as.
    pub grants: Vec<Option<usize>>,
    /// The grantees of grants that came, went or changed.
    pub agents: AgentSet,
    /// What stands elsewhere now.
    pub moved: Moved,
}

/// Anchors whose place changed.
#[derive(Default)]
pub struct Moved {
    /// The anchors.
    pub anchors: HashSet<Str>,
    /// The modules in which they stood.
    pub modules: Modules,
}

impl Moved {
    /// Whether a diagnostic, of an anchored model, speaks of such a place.
    pub fn touches(&self, diagnostic: &Diagnostic) -> bool {
        diagnostic.places().any(|at| self.anchors.contains(&at.module))
    }
}

impl Anchored {
    /// Takes over a newer model. Declarations that say the same stay the very same values.
    pub fn advance(&mut self, newer: &Arc<Model>) -> Change {
        let mut change = Change::default();
        if Arc::ptr_eq(&self.raw, newer) {
            change.grants = (0..newer.grants.len()).map(Some).collect();
            return change;
        }
        // Taken apart, so that a table that is added to the model is thought of here.
        let Model {
            name,
            options,
            session,
            principals,
            agents,
            classes,
            tools,
            ops,
            purposes,
            grants,
            forbids,
            ceilings,
            combinations,
            standards,
            waivers,
            tests,
            proofs,
            zones,
        } = &**newer;
        let (raw, old) = (self.raw.clone(), self.model.clone());
        change.ground = *session != old.session || *ops != old.ops;
        let mut anchored = Model {
            name: name.clone(),
            options: options.clone(),
            session: session.clone(),
            ops: ops.clone(),
            // These are looked at where they stand, and all of them whenever anything changed.
            waivers: waivers.clone(),
            tests: tests.clone(),
            proofs: proofs.clone(),
            zones: zones.clone(),
            ..Model::default()
        };
        macro_rules! ground {
            ($($table:ident),*) => {$(
                let (rows, same) = self.table(&raw.$table, &old.$table, $table, &mut change.moved);
                change.ground |= rows.len() != old.$table.len()
                    || same.iter().enumerate().any(|(at, same)| *same != Some(at));
                anchored.$table = rows;
            )*};
        }
        ground!(principals, agents, classes, tools, purposes, forbids, ceilings, combinations, standards);
        let (rows, same) = self.table(&raw.grants, &old.grants, grants, &mut change.moved);
        let mut gone = vec![true; old.grants.len()];
        for (row, same) in rows.iter().zip(&same) {
            match same {
                Some(at) => gone[*at] = false,
                None => _ = change.agents.insert(row.to),
            }
        }
        let gone = old.grants.iter().zip(gone).filter(|(_, gone)| *gone);
        change.agents = change.agents.union(&gone.map(|(row, _)| row.to).collect());
        anchored.grants = rows;
        change.grants = same;
        self.raw = newer.clone();
        self.model = Arc::new(anchored);
        change
    }

    /// Anchors a table: the rows, and for each the older row that says the same.
    fn table<T: Declared>(
        &mut self,
        raw: &[Arc<T>],
        old: &[Arc<T>],
        newer: &[Arc<T>],
        moved: &mut Moved,
    ) -> (Vec<Arc<T>>, Vec<Option<usize>>) {
        let mut by_name: Option<HashMap<(&'static str, &Str), usize>> = None;
        let mut rows = Vec::with_capacity(newer.len());
        let mut same = Vec::with_capacity(newer.len());
        // An insertion shifts all that follow: go on from where the last one was found.
        let mut next = 0;
        for row in newer {
            if raw.get(next).is_some_and(|known| Arc::ptr_eq(known, row)) {
                rows.push(old[next].clone());
                same.push(Some(next));
                next += 1;
                continue;
            }
            let is = |known: &Arc<T>| (known.kind(), known.name()) == (row.kind(), row.name());
            let known = if raw.get(next).is_some_and(is) {
                Some(next)
            } else {
                let by_name = by_name.get_or_insert_with(|| {
                    raw.iter().enumerate().map(|(at, row)| ((row.kind(), row.name()), at)).collect()
                });
                by_name.get(&(row.kind(), row.name())).copied()
            };
            let here = anchored(&**row);
            let anchor = &here.origin().module;
            if self.origins.get(anchor) != Some(row.origin()) {
                let before = self.origins.insert(anchor.clone(), row.origin().clone());
                before.iter().for_each(|before| moved.modules.insert(&before.module));
                moved.anchors.insert(anchor.clone());
            }
            // In another module it may come before others, or after: that counts as another.
            let stays = |at: usize| raw[at].origin().module == row.origin().module;
            let unchanged = known.filter(|&at| stays(at) && *old[at] == here);
            rows.push(unchanged.map_or_else(|| Arc::new(here), |at| old[at].clone()));
            same.push(unchanged);
            next = known.map_or(next, |at| at + 1);
        }
        (rows, same)
    }

    /// The diagnostic with its places as they are in the text now, and the modules that they are in.
    pub fn place(&self, diagnostic: &Diagnostic) -> (Diagnostic, Modules) {
        let (mut placed, mut modules) = (diagnostic.clone(), Modules::default());
        for Location { module, span } in placed.places_mut() {
            if let Some(origin) = self.origins.get(module) {
                *module = origin.module.clone();
                span.start += origin.span.start;
                span.end += origin.span.start;
            }
            modules.insert(module);
        }
        (placed, modules)
    }
}

/// A declaration without its place.
fn anchored<T: Declared>(row: &T) -> T {
    let mut row = row.clone();
    let start = row.origin().span.start;
    // No path has a NUL in it, so no anchor is a module; that it is the library's shows still.
    let library = if row.origin().module.starts_with("std/") { "std/" } else { "" };
    let anchor = format!("{library}\0{} {}", row.kind(), row.name());
    row.spans(&mut |span| {
        span.start = span.start.saturating_sub(start);
        span.end = span.end.saturating_sub(start);
    })
    .module = anchor.into();
    row
}
