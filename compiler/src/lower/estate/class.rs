//! Classes of data: what each says, and what it has from those above it.

use super::{Builder, Seen, name_of};
use crate::diagnostic::{Explanation, error};
use crate::lower::scope::{Scope, UNCLASSIFIED};
use crate::model::*;
use crate::resolve::{Kind, Node};
use bailiwick_grammar::At;
use bailiwick_grammar::ast::{DataItem, DeclKind};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl Builder<'_> {
    pub(super) fn classes(&mut self, seen: &[Seen]) {
        let known: BTreeMap<&Str, &Seen> =
            seen.iter().filter_map(|one| Some((name_of(&one.0)?, one))).collect();
        let lines: BTreeMap<&Str, ClassLines> = known
            .iter()
            .map(|(name, one)| {
                let lines = self.read(one, |scope| scope.class_lines(&one.0, name, &known));
                (*name, lines)
            })
            .collect();
        let lines = self.without_cycles(lines, &known);
        // Parents before children, so that what is inherited is there.
        let mut order: Vec<(&Str, usize)> =
            lines.keys().map(|name| (*name, ancestors(name, &lines).len())).collect();
        order.sort_by_key(|(_, depth)| *depth);
        let mut classes: BTreeMap<Str, DataClass> = BTreeMap::new();
        for (name, _) in order {
            let class = self.class(name, &lines[name], known[name], &classes);
            classes.insert(name.clone(), class);
        }
        let ids: BTreeMap<Str, ClassId> =
            classes.keys().enumerate().map(|(at, name)| (name.clone(), ClassId::at(at + 1))).collect();
        let above: BTreeMap<ClassId, ClassSet> = classes
            .keys()
            .map(|name| {
                let above = ancestors(name, &lines).into_iter().map(|name| ids[&name]);
                (ids[name], above.chain([ids[name]]).collect())
            })
            .collect();
        self.model.classes.push(Arc::new(unclassified()));
        for (name, mut class) in classes {
            let id = ids[&name];
            class.parent = lines[&name].parent.as_ref().map(|parent| ids[&parent.node]);
            class.above = above[&id].clone();
            class.below =
                above.iter().filter(|(_, above)| above.contains(id)).map(|(below, _)| *below).collect();
            self.model.classes.push(Arc::new(class));
        }
    }

    /// Cuts circles open, with an error, so that all that follows ends.
    fn without_cycles<'n>(
        &mut self,
        mut lines: BTreeMap<&'n Str, ClassLines>,
        known: &BTreeMap<&Str, &Seen>,
    ) -> BTreeMap<&'n Str, ClassLines> {
        let all: Vec<&Str> = lines.keys().copied().collect();
        for name in all {
            let mut at = name;
            let mut seen = BTreeSet::from([name]);
            let circular = loop {
                match lines
                    .get(at)
                    .and_then(|line| line.parent.as_ref())
                    .and_then(|parent| lines.get_key_value(&parent.node))
                {
                    None => break false,
                    Some((parent, _)) if *parent == name => break true,
                    Some((parent, _)) if !seen.insert(parent) => break false,
                    Some((parent, _)) => at = parent,
                }
            };
            if let Some(line) = lines.get_mut(name).filter(|_| circular) {
                let parent = line.parent.take();
                self.read(known[name], |scope| {
                    let span = parent.map_or(known[name].0.name_span(), |parent| parent.span);
                    let problem = error("data-cycle", format!("`{name}` is below itself"))
                        .help("take one `parent` out of the circle");
                    scope.report(problem, span);
                });
            }
        }
        lines
    }

    fn class(
        &mut self,
        name: &Str,
        lines: &ClassLines,
        seen: &Seen,
        known: &BTreeMap<Str, DataClass>,
    ) -> DataClass {
        let parent = lines.parent.as_ref().and_then(|parent| known.get(&parent.node));
        let least = parent.map(|parent| parent.sensitivity);
        let sensitivity = self.read(seen, |scope| match (&lines.sensitivity, least) {
            (Some(stated), Some(least)) if stated.node < least => {
                let problem = error(
                    "sensitivity-below-parent",
                    format!("`{name}` is {}, but what it belongs to is {}", stated.name(), least.name()),
                )
                .help(format!("state {} or more, or take the line out to inherit it", least.name()));
                scope.report(problem, stated.span);
                least
            }
            (Some(stated), _) => stated.node,
            (None, Some(least)) => least,
            (None, None) => {
                // What cannot be told counts as the most sensitive.
                if !lines.failed {
                    let help = "a class without a parent says how sensitive it is: `sensitivity internal`";
                    let _ = scope.required(None::<()>, seen.0.name_span(), "sensitivity", help);
                }
                Sensitivity::Restricted
            }
        });
        let inherit = |own: &[Str], inherited: Option<&Vec<Str>>| {
            let all: BTreeSet<Str> = own.iter().chain(inherited.into_iter().flatten()).cloned().collect();
            all.into_iter().collect()
        };
        DataClass {
            name: name.clone(),
            origin: seen.0.origin(),
            parent: None,
            sensitivity,
            regulations: inherit(&lines.regulations, parent.map(|parent| &parent.regulations)),
            tags: inherit(&lines.tags, parent.map(|parent| &parent.tags)),
            below: ClassSet::new(),
            above: ClassSet::new(),
        }
    }
}

/// What a `data` declaration says by itself.
struct ClassLines {
    parent: Option<At<Str>>,
    sensitivity: Option<At<Sensitivity>>,
    regulations: Vec<Str>,
    tags: Vec<Str>,
    failed: bool,
}

/// The classes above one, nearest first; the table has no circle.
fn ancestors(name: &Str, lines: &BTreeMap<&Str, ClassLines>) -> Vec<Str> {
    let mut above = Vec::new();
    let mut at = name;
    while let Some(parent) = lines.get(at).and_then(|line| line.parent.as_ref()) {
        above.push(parent.node.clone());
        at = &parent.node;
    }
    above
}

fn unclassified() -> DataClass {
    DataClass {
        name: UNCLASSIFIED.into(),
        origin: Origin { module: "std".into(), span: Default::default() },
        parent: None,
        sensitivity: Sensitivity::Restricted,
        regulations: Vec::new(),
        tags: Vec::new(),
        below: ClassSet::only(ClassId::UNCLASSIFIED),
        above: ClassSet::only(ClassId::UNCLASSIFIED),
    }
}

impl Scope<'_> {
    fn class_lines(&mut self, node: &Node, name: &Str, known: &BTreeMap<&Str, &Seen>) -> ClassLines {
        let DeclKind::Data(at, items) = &node.decl().kind else {
            unreachable!("only data declarations are passed")
        };
        let (mut parent, mut sensitivity) = (None, None);
        let (mut regulations, mut tags, mut failed) = (Vec::new(), Vec::new(), false);
        if &**name == UNCLASSIFIED {
            let problem = error("reserved-name", "`unclassified` is built in").help("choose another name");
            self.report(problem, at.span);
        }
        for item in items {
            match &item.node {
                DataItem::Parent(name) => match self.declared(Kind::Data, name) {
                    Ok(()) => self.once(&mut parent, name.node.clone(), item.span, "parent"),
                    Err(_) => failed = true,
                },
                DataItem::Sensitivity(level) => match self.sensitivity(level) {
                    Ok(level) => self.once(&mut sensitivity, level, item.span, "sensitivity"),
                    Err(_) => failed = true,
                },
                DataItem::Regulations(names) => {
                    regulations.extend(names.iter().map(|name| name.node.clone()))
                }
                DataItem::Tags(names) => tags.extend(names.iter().map(|name| name.node.clone())),
            }
        }
        // A dotted name's parent is its longest declared prefix.
        let mut prefix = &**name;
        while let (None, false, Some((shorter, _))) = (&parent, failed, prefix.rsplit_once('.')) {
            prefix = shorter;
            parent =
                known.get_key_value(&Str::from(prefix)).map(|(name, _)| At::new((*name).clone(), at.span));
        }
        ClassLines { parent, sensitivity, regulations, tags, failed }
    }
}

pub(crate) const EXPLANATIONS: &[Explanation] = &[
    Explanation::error(
        "data-cycle",
        "a data class is, through its parents, below itself",
        "a class covers what is below it, which would be everything in the circle",
        "data a { parent b  sensitivity internal }\ndata b { parent a  sensitivity internal }\n",
        "take one `parent` out of the circle",
    ),
    Explanation::error(
        "sensitivity-below-parent",
        "a data class is said to be less sensitive than what it belongs to",
        "who may see the whole may see the part, so the part cannot be the stricter one's exception",
        "data personal { sensitivity confidential }\ndata personal.contact { sensitivity public }\n",
        "state the parent's level or more, or move the class elsewhere",
    ),
];
