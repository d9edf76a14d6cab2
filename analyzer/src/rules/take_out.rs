//! The fix by which members of a grant's lists go.

use bailiwick_compiler::diagnostic::{Diagnostic, Fix, Location};
use bailiwick_compiler::model::{Grant, Listable, Listed, Member};
use bailiwick_grammar::Span;
use std::mem::discriminant;

/// The diagnostic, with the fix that takes out of the grant what nothing uses: tools, or classes.
/// There is none when one of them has no name of its own in a list (it came with a variant, by a
/// glob, or below another class), or when no other of its kind would be left by name.
pub fn take_out(mut diagnostic: Diagnostic, grant: &Grant, unused: &[Listable], what: &str) -> Diagnostic {
    let goes = |member: &Member| member.names.is_some_and(|name| unused.contains(&name));
    let members = || grant.listed.iter().flat_map(|list| &list.members);
    let named = |name: &Listable| members().any(|member| member.names == Some(*name));
    let is_left = |member: &Member| {
        let like =
            |name: &Listable| unused.first().is_some_and(|one| discriminant(one) == discriminant(name));
        member.names.as_ref().is_some_and(like) && !goes(member)
    };
    if unused.iter().all(named) && members().any(is_left) {
        let spans = grant.listed.iter().flat_map(|list| cuts(list, goes));
        let edits = spans.map(|span| (Location { module: grant.origin.module.clone(), span }, String::new()));
        diagnostic.fix =
            Some(Fix { title: format!("take {what} out of grant `{}`", grant.name), edits: edits.collect() });
    }
    diagnostic
}

/// What to cut out of the text: each run of members that go with the comma that it leaves behind,
/// and the whole line when nothing stays.
fn cuts(list: &Listed, goes: impl Fn(&Member) -> bool) -> Vec<Span> {
    let members = &list.members;
    if members.iter().all(&goes) {
        return vec![list.span];
    }
    let (mut cuts, mut at) = (Vec::new(), 0);
    while at < members.len() {
        let run = members[at..].iter().take_while(|member| goes(member)).count();
        match (run, members.get(at + run)) {
            (0, _) => {}
            (_, Some(next)) => cuts.push(Span { start: members[at].span.start, end: next.span.start }),
            (_, None) => {
                cuts.push(Span { start: members[at - 1].span.end, end: members[members.len() - 1].span.end })
            }
        }
        at += run + 1;
    }
    cuts
}
