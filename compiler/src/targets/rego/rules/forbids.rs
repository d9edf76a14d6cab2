//! What the forbids ask of the calls that a rule is of. Of most of them it is known that they are out of the
//! way, or how they are got out of it, before there is a request.

use super::super::condition::compares;
use super::super::text::term;
use super::super::tree::{Estate, Forbid, Names};
use super::operations::Operation;
use super::{LONGEST, comparison};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// That the lists which concern the request have nothing that is in the way: a rule of its own, which
/// looks at every forbid of them.
pub(super) const LISTS: &str = "unforbidden";

/// How many conditions of forbids are written out in a rule, since forbids times grants may be a lot of text.
const FEW: usize = 8;

/// The calls that a rule is of, as far as they are known before there is one.
pub(super) struct Calls<'e> {
    pub root: &'e str,
    /// Who may be behind the root.
    pub behind: &'e [&'e str],
    /// The operations of which one is called.
    pub ops: &'e [&'e str],
    /// The labels that the grant covers.
    pub covers: &'e Names,
}

impl Calls<'_> {
    /// What is to be asked of them; nothing at all when a forbid is in the way of each.
    pub(super) fn unforbidden(
        &self,
        estate: &Estate,
        operations: &BTreeMap<&str, Operation>,
    ) -> Option<Vec<String>> {
        let lists = || vec![LISTS.to_owned()];
        let of_ops: Option<Vec<_>> = self.ops.iter().map(|op| operations.get(op)).collect();
        let of_agent = |name: &str| estate.agents.get(name).map(|agent| &agent.forbids);
        let of_others: Option<Vec<_>> = self.behind.iter().map(|name| of_agent(name)).collect();
        // a list that is not there denies, and the rule that goes through them does that
        let (Some(of_ops), Some(of_root), Some(of_others)) = (of_ops, of_agent(self.root), of_others) else {
            return Some(lists());
        };
        let of_agents = of_root.iter().chain(of_others.into_iter().flatten()).map(String::as_str);
        let of_any_op = of_ops.iter().flat_map(|op| op.forbids.iter().copied());
        let keys: BTreeSet<_> = of_agents.chain(of_any_op).collect();
        let labels = of_ops.iter().flat_map(|op| op.labels.iter().copied());
        let labels: Vec<_> = labels.filter(|label| self.covers.contains_key(*label)).collect();
        let (mut asks, mut known) = (Vec::new(), true);
        for key in keys {
            // so does a forbid that is listed and not there
            let Some(forbid) = estate.forbids.get(key) else { return Some(lists()) };
            if self.are_apart(forbid, &labels) {
                continue;
            }
            let looked_at =
                of_root.iter().any(|of| of == key) || of_ops.iter().all(|op| op.forbids.contains(key));
            if !(looked_at && self.all_concern(forbid)) {
                known = false;
                continue;
            }
            asks.extend(written_out(forbid.unless.as_ref()?));
        }
        let short = asks.len() <= FEW && asks.iter().all(|ask| ask.len() <= LONGEST);
        Some(if known && short { asks } else { lists() })
    }

    /// Whether the forbid speaks of none of the calls, which may have these labels, whatever it is that
    /// excuses from it.
    fn are_apart(&self, forbid: &Forbid, labels: &[&str]) -> bool {
        let none_of = |here: &[&str], names: &Option<Names>| {
            names.as_ref().is_some_and(|names| !here.iter().any(|name| names.contains_key(*name)))
        };
        none_of(self.ops, &forbid.ops)
            || none_of(self.behind, &forbid.agents) && none_of(&[self.root], &forbid.agents)
            || none_of(labels, &forbid.meets)
    }

    /// Whether the forbid speaks of each of the calls. A call may have no label, and then meets none.
    fn all_concern(&self, forbid: &Forbid) -> bool {
        forbid.ops.as_ref().is_none_or(|ops| self.ops.iter().all(|op| ops.contains_key(*op)))
            && forbid.agents.as_ref().is_none_or(|agents| agents.contains_key(self.root))
            && forbid.meets.is_none()
    }
}

/// What excuses from a forbid, as a rule asks it.
fn written_out(unless: &Json) -> Vec<String> {
    let parts = unless["all"].as_array().map_or(std::slice::from_ref(unless), Vec::as_slice);
    let written = |part| match compares(part) {
        true => comparison(part, &term(&part["value"])),
        false => vec![format!("holds({})", term(part))],
    };
    parts.iter().flat_map(written).collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::{data, tree::Document};
    use super::super::operations::operations;
    use super::*;
    use serde::Deserialize;
    use serde_json::json;

    const PROJECT: &str = "person p { email \"p@acme.example\" }\nagent a { owner p }\nagent b { owner p }\n\
        agent c { owner p }\n\
        data low { sensitivity public }\ndata high { sensitivity restricted }\n\
        tool t { arg n: int  arg s?: string  effect read  reads low }\n\
        tool u { effect read  reads low, high }\ntool w { effect write }\n\
        purpose work { \"Work.\"  needs t  needs u  needs w  needs data low, high, unclassified }\n\
        grant g { to a for work  allow t  allow u  allow w  on low, high, unclassified  delegate to b depth 1 }\n";

    /// What a rule of calls to some operations asks besides, where forbids are these and the data is then edited.
    fn asked(forbids: &str, ops: &[&str], edit: impl FnOnce(&mut Json)) -> Option<Vec<String>> {
        let compiled = crate::compile_text(&[("main", &format!("{PROJECT}{forbids}"))]);
        assert!(!compiled.has_errors(), "{:?}", compiled.diagnostics);
        let mut data = data::data(&compiled.model);
        edit(&mut data["bailiwick"]["estate"]);
        let estate = Document::deserialize(data).expect("data").bailiwick.estate;
        let calls = Calls { root: "a", behind: &["b"], ops, covers: &estate.grants["g"].covers };
        calls.unforbidden(&estate, &operations(&estate))
    }

    #[test]
    fn what_is_known_before_there_is_a_request_is_written_out() {
        let asked = |forbids, op| asked(forbids, &[op], |_| {});
        let nothing = Some(Vec::new());
        assert_eq!(asked("forbid f { tools u }", "t"), nothing);
        assert_eq!(asked("forbid f { agents c }", "t"), nothing);
        assert_eq!(asked("forbid f { data high }", "t"), nothing);
        assert_eq!(asked("forbid f { tools t }", "t"), None);
        assert_eq!(asked("forbid f { agents a }", "t"), None);
        let written = |texts: &[&str]| Some(texts.iter().map(|text| text.to_string()).collect());
        assert_eq!(asked("forbid f { tools t  when args.n > 5 }", "t"), written(&["arguments.n <= 5"]));
        let both = asked("forbid f { agents a, b  tools t  when args.n > 5 or args.n < 1 }", "t");
        assert_eq!(both, written(&["arguments.n <= 5", "arguments.n >= 1"]));
    }

    #[test]
    fn what_depends_on_the_request_goes_through_the_lists() {
        let lists = Some(vec![LISTS.to_owned()]);
        for forbid in ["forbid f { agents b }", "forbid f { agents b  tools u }", "forbid f { data high }"] {
            assert_eq!(asked(forbid, &["u"], |_| {}), lists, "{forbid}");
        }
        // more text than a rule is to have
        let long = "x".repeat(LONGEST);
        assert_eq!(
            asked(&format!("forbid f {{ tools t  when args.s == \"{long}\" }}"), &["t"], |_| {}),
            lists
        );
        let many: String =
            (0..=FEW).map(|n| format!("forbid f{n} {{ tools t  when args.n > {n} }}\n")).collect();
        assert_eq!(asked(&many, &["t"], |_| {}), lists);
    }

    #[test]
    fn what_the_data_does_not_say_is_left_to_the_lists() {
        let lists = Some(vec![LISTS.to_owned()]);
        let forbid = "forbid f { tools t }";
        let edited = |edit: &dyn Fn(&mut Json)| asked(forbid, &["t"], |estate| edit(estate));
        let put = |pointer: &'static str, value: Json| {
            edited(&move |estate| *estate.pointer_mut(pointer).expect("a place") = value.clone())
        };
        assert_eq!(put("/tools/t/op/forbids", json!(null)), lists);
        assert_eq!(put("/tools/t/op/forbids", json!(["forbid other"])), lists);
        assert_eq!(put("/forbids", json!({})), lists);
        // a forbid that is listed under no more than one of those that it speaks of
        assert_eq!(put("/tools/t/op/forbids", json!([])), Some(Vec::new()));
        let of_b = |estate: &mut Json| {
            estate["tools"]["t"]["op"]["forbids"] = json!([]);
            estate["agents"]["b"]["forbids"] = json!(["forbid f"]);
        };
        assert_eq!(edited(&of_b), lists);
        let of_t = |estate: &mut Json| estate["tools"]["u"]["op"]["forbids"] = json!([]);
        assert_eq!(asked("forbid f { tools t, u }", &["t", "u"], of_t), lists);
        assert_eq!(
            edited(&|estate| drop(estate["agents"].as_object_mut().expect("agents").remove("b"))),
            lists
        );
    }
}
