//! Declarations apart from where they stand: what makes two of them the same after text moved.

use super::estate::{
    Agent, DataClass, Identity, Needs, Origin, Principal, PrincipalKind, Purpose, Tool, ToolLine,
};
use super::rule::{
    ApprovalClause, Ceiling, Combination, DelegateClause, Forbid, Grant, Leg, Listed, Member, Only, OpenSet,
    Standard,
};
use super::value::Str;
use bailiwick_grammar::Span;

/// A row of a model's table that knows where it stands.
///
/// Each implementation takes its row apart field by field, so that a span that is added to the
/// model cannot be forgotten here.
pub trait Declared: Clone + PartialEq {
    /// What it is declared as.
    fn kind(&self) -> &'static str;

    /// Its name, unique among those of its kind.
    fn name(&self) -> &Str;

    /// Where it stands.
    fn origin(&self) -> &Origin;

    /// Calls `see` on every span in it, its own included; gives its place.
    fn spans(&mut self, see: &mut dyn FnMut(&mut Span)) -> &mut Origin;
}

fn lines(lines: &mut [ToolLine], see: &mut dyn FnMut(&mut Span)) {
    for ToolLine { span, ops: _, cond: _ } in lines {
        see(span);
    }
}

fn needs(needs: &mut Needs, see: &mut dyn FnMut(&mut Span)) {
    let Needs { lines: inner, covers: _ } = needs;
    lines(inner, see);
}

fn identities(all: &mut [Identity], see: &mut dyn FnMut(&mut Span)) {
    for Identity { span, kind: _, value: _, purposes: _ } in all {
        see(span);
    }
}

macro_rules! declared {
    ($kind:expr) => {
        fn kind(&self) -> &'static str {
            let kind: fn(&Self) -> &'static str = $kind;
            kind(self)
        }

        fn name(&self) -> &Str {
            &self.name
        }

        fn origin(&self) -> &Origin {
            &self.origin
        }
    };
}

impl Declared for Principal {
    declared!(|_| "principal");

    fn spans(&mut self, see: &mut dyn FnMut(&mut Span)) -> &mut Origin {
        let Principal { name: _, origin, contact: _, kind, holds } = self;
        match kind {
            PrincipalKind::Person { identities: all, departed: _ } => identities(all, see),
            PrincipalKind::Team { members: _, lead: _ } => {}
        }
        if let Some(holds) = holds {
            needs(holds, see);
        }
        see(&mut origin.span);
        origin
    }
}

impl Declared for Agent {
    declared!(|_| "agent");

    fn spans(&mut self, see: &mut dyn FnMut(&mut Span)) -> &mut Origin {
        let Agent { name: _, origin, owner: _, identities: all, authn: _, review: _, tags: _, suspended: _ } =
            self;
        identities(all, see);
        see(&mut origin.span);
        origin
    }
}

impl Declared for DataClass {
    declared!(|_| "data");

    fn spans(&mut self, see: &mut dyn FnMut(&mut Span)) -> &mut Origin {
        let DataClass {
            name: _,
            origin,
            parent: _,
            sensitivity: _,
            regulations: _,
            tags: _,
            below: _,
            above: _,
        } = self;
        see(&mut origin.span);
        origin
    }
}

impl Declared for Tool {
    declared!(|_| "tool");

    fn spans(&mut self, see: &mut dyn FnMut(&mut Span)) -> &mut Origin {
        let Tool { name: _, origin, args: _, variant: _, base: _ } = self;
        see(&mut origin.span);
        origin
    }
}

impl Declared for Purpose {
    declared!(|_| "purpose");

    fn spans(&mut self, see: &mut dyn FnMut(&mut Span)) -> &mut Origin {
        let Purpose { name: _, origin, sentence: _, needs: inner } = self;
        needs(inner, see);
        see(&mut origin.span);
        origin
    }
}

impl Declared for Grant {
    declared!(|_| "grant");

    fn spans(&mut self, see: &mut dyn FnMut(&mut Span)) -> &mut Origin {
        let Grant {
            name: _,
            origin,
            to: _,
            purpose: _,
            lines: calls,
            covers: _,
            when: _,
            authn: _,
            approvals,
            ttl: _,
            starts: _,
            expires: _,
            delegates,
            open,
            listed,
        } = self;
        lines(calls, see);
        for ApprovalClause { demand: _, ops: _, demanded: _, span } in approvals {
            see(span);
        }
        for OpenSet { text: _, chosen: _, span } in open {
            see(span);
        }
        for Listed { span, members } in listed {
            for Member { names: _, span } in members {
                see(span);
            }
            see(span);
        }
        for DelegateClause { to: _, depth: _, only, span } in delegates {
            if let Some(Only { lines: calls, covers: _ }) = only {
                lines(calls, see);
            }
            see(span);
        }
        see(&mut origin.span);
        origin
    }
}

impl Declared for Forbid {
    declared!(|row| if row.suspension { "suspended agent" } else { "forbid" });

    fn spans(&mut self, see: &mut dyn FnMut(&mut Span)) -> &mut Origin {
        let Forbid {
            name: _,
            origin,
            suspension: _,
            agents: _,
            ops: _,
            meets: _,
            when: _,
            because: _,
            open: _,
        } = self;
        see(&mut origin.span);
        origin
    }
}

impl Declared for Ceiling {
    declared!(|_| "ceiling");

    fn spans(&mut self, see: &mut dyn FnMut(&mut Span)) -> &mut Origin {
        let Ceiling { name: _, origin, agents: _, lines: calls, covers: _, when: _ } = self;
        lines(calls, see);
        see(&mut origin.span);
        origin
    }
}

impl Declared for Combination {
    declared!(|row| if row.pairwise { "separate" } else { "toxic" });

    fn spans(&mut self, see: &mut dyn FnMut(&mut Span)) -> &mut Origin {
        let Combination {
            name: _,
            origin,
            description: _,
            scope: _,
            pairwise: _,
            legs,
            joins: _,
            severity: _,
            references: _,
        } = self;
        for Leg { name: _, ops: _, meets: _, cond: _, unless_approved: _, span, calls: _ } in legs {
            see(span);
        }
        see(&mut origin.span);
        origin
    }
}

impl Declared for Standard {
    declared!(|_| "standard");

    fn spans(&mut self, see: &mut dyn FnMut(&mut Span)) -> &mut Origin {
        let Standard {
            name: _,
            origin,
            description: _,
            subject: _,
            requirements,
            severity: _,
            references: _,
        } = self;
        for (_, span) in requirements {
            see(span);
        }
        see(&mut origin.span);
        origin
    }
}
