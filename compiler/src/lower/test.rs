//! `test` blocks: requests as an enforcement point would send them.
//!
//! A request is written out as JSON text, so that a test takes the way that every request takes.
//! It may be ill formed on purpose; only where the expectation does not say so are the names of
//! its arguments and attributes checked, since a slip would make a denial for the wrong reason.

use super::scope::{Lowered, Scope};
use crate::diagnostic::{Explanation, error};
use crate::model::*;
use crate::resolve::Kind;
use crate::resolve::names::suggest;
use crate::types::value::{decimal_text, instant_text};
use bailiwick_grammar::ast::{Expectation, Literal, Name, RecordValue, TestItem};
use bailiwick_grammar::{At, Span};
use std::collections::BTreeMap;

/// What `due to` says of an ill-formed request.
const ILL_FORMED: &str = "ill-formed";
/// What `due to` says of a request that no grant authorises.
const NO_GRANT: &str = "no-grant";

type Fields = [(Name, At<RecordValue>)];

impl Scope<'_> {
    /// A `test` block.
    pub fn test(&mut self, title: &Str, origin: Origin, items: &[At<TestItem>]) -> Lowered<Test> {
        let (mut at, mut ground) = (None, Vec::new());
        for item in items {
            match &item.node {
                TestItem::GivenAt(when) => self.once(&mut at, when.node, when.span, "given at"),
                TestItem::GivenSession(fields) => ground.extend(fields.iter().cloned()),
                TestItem::Expect(_) => {}
            }
        }
        let at = at.map(|at| at.node);
        let cases: Vec<_> = items
            .iter()
            .filter_map(|item| match &item.node {
                TestItem::Expect(expectation) => Some(self.case(expectation, item.span, at, &ground)),
                TestItem::GivenAt(_) | TestItem::GivenSession(_) => None,
            })
            .collect();
        Ok(Test { title: title.clone(), origin, cases: cases.into_iter().collect::<Lowered<_>>()? })
    }

    fn case(
        &mut self,
        expected: &Expectation,
        span: Span,
        given_at: Option<i64>,
        ground: &Fields,
    ) -> Lowered<TestCase> {
        let request = &expected.request.node;
        let mut failed = self.due_to(expected).is_err();
        for agent in [&request.root].into_iter().chain(&request.via) {
            failed |= self.agent(agent).is_err();
        }
        failed |= self.purpose(&request.purpose).is_err();
        let tool = self.tool(&request.tool);
        for class in request.data.iter().flatten() {
            failed |= self.class(class).is_err();
        }
        for approval in &request.approvals {
            failed |= self.person(&approval.by, approval.by.span).is_err();
        }
        if let Some(level) = &request.authn {
            failed |= self.authn(level).is_err();
        }
        if expected.due_to.as_ref().is_none_or(|why| &*why.node != ILL_FORMED) {
            if let Ok(tool) = tool {
                let model = self.model;
                let tool = model.tool(tool);
                failed |= self
                    .known(&request.args, tool.args.keys(), &format!("`{}` has no argument", tool.name))
                    .is_err();
            }
            let attrs = self.model.session.keys();
            failed |= self.known(&request.session, attrs.clone(), "sessions have no attribute").is_err();
            failed |= self.known(ground, attrs, "sessions have no attribute").is_err();
        }
        failed |= self.apart(&request.args).is_err() | self.apart(&request.session).is_err();
        tool?;
        if failed {
            return Err(super::Reported);
        }
        let now = request.at.as_ref().map(|at| at.node).or(given_at);
        let started_ago = request.started.as_ref().map_or(0, |ago| ago.node);
        let approved_ago: Vec<(Str, i64)> =
            request.approvals.iter().map(|given| (given.by.node.clone(), given.ago.node)).collect();
        let mut session: BTreeMap<&str, String> = BTreeMap::new();
        for (name, value) in ground.iter().chain(&request.session) {
            session.insert(&name.node, json(&value.node));
        }
        session.insert(
            "authn",
            quoted(request.authn.as_ref().map_or(Authn::HardwareKey.name(), |level| &level.node)),
        );
        let mut fields = vec![
            ("chain", array([&request.root].into_iter().chain(&request.via).map(|agent| quoted(agent)))),
            ("purpose", quoted(&request.purpose)),
            ("tool", quoted(&request.tool)),
        ];
        if let Some(data) = &request.data {
            fields.push(("data", array(data.iter().map(|class| quoted(class)))));
        }
        fields.push(("args", record(&request.args)));
        if let Some(now) = now {
            // With the moment known the request is whole; otherwise whoever runs it fills it in.
            session.insert("started", quoted(&instant_text(now.saturating_sub(started_ago).max(EARLIEST))));
            fields.push(("now", quoted(&instant_text(now))));
            let given = approved_ago
                .iter()
                .map(|(by, ago)| (&**by, quoted(&instant_text(now.saturating_sub(*ago).max(EARLIEST)))));
            fields.push(("approvals", object(given)));
        }
        fields.push(("session", object(session)));
        Ok(TestCase {
            allow: expected.allow,
            due_to: expected.due_to.as_ref().map(|why| why.node.clone()),
            request: object(fields).into(),
            started_ago,
            approved_ago,
            span,
        })
    }

    /// The cause that is expected: `ill-formed`, `no-grant`, a forbid or a suspended agent.
    fn due_to(&mut self, expected: &Expectation) -> Lowered<()> {
        let Some(why) = &expected.due_to else { return Ok(()) };
        if matches!(&*why.node, ILL_FORMED | NO_GRANT) {
            return Ok(());
        }
        let agent = self.model.agent_named(why).filter(|_| self.names.module(Kind::Forbid, why).is_none());
        match agent {
            Some(agent) if self.model.agent(agent).suspended.is_none() => {
                let problem = error(
                    "not-suspended",
                    format!("`{}` is not suspended, so nothing is denied because of it", why.node),
                )
                .help("name a forbid, a suspended agent, `no-grant` or `ill-formed`");
                Err(self.report(problem, why.span))
            }
            Some(_) => self.declared(Kind::Agent, why),
            None => self.declared(Kind::Forbid, why),
        }
    }

    fn known<'n>(
        &mut self,
        fields: &Fields,
        known: impl Iterator<Item = &'n Str> + Clone,
        message: &str,
    ) -> Lowered<()> {
        let mut result = Ok(());
        for (name, _) in fields {
            if known.clone().any(|known| *known == name.node) {
                continue;
            }
            let mut problem = error("unknown-field", format!("{message} `{}`", name.node));
            problem.help = Some(match suggest(&name.node, known.clone()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "a request that is ill formed on purpose ends in `due to ill-formed`".into(),
            });
            result = Err(self.report(problem, name.span));
        }
        result
    }

    /// No field twice.
    fn apart(&mut self, fields: &Fields) -> Lowered<()> {
        let mut seen: BTreeMap<&Str, Span> = BTreeMap::new();
        let mut result = Ok(());
        for (name, _) in fields {
            if let Some(first) = seen.insert(&name.node, name.span) {
                let mut slot = Some(At::new((), first));
                self.once(&mut slot, (), name.span, name);
                result = Err(super::Reported);
            }
        }
        result
    }
}

fn json(value: &RecordValue) -> String {
    match value {
        RecordValue::Literal(Literal::Bool(value)) => value.to_string(),
        RecordValue::Literal(Literal::Int(value) | Literal::Duration(value)) => value.to_string(),
        RecordValue::Literal(Literal::Decimal(value)) => decimal_text(*value),
        RecordValue::Literal(Literal::Text(text)) => quoted(text),
        RecordValue::Literal(Literal::Instant(seconds)) => quoted(&instant_text(*seconds)),
        RecordValue::Name(name) => quoted(name),
        RecordValue::Null => "null".into(),
        RecordValue::List(values) => array(values.iter().map(|value| json(value))),
        RecordValue::Record(fields) => record(fields),
    }
}

fn record(fields: &Fields) -> String {
    object(fields.iter().map(|(name, value)| (&*name.node, json(&value.node))))
}

fn object<'f>(fields: impl IntoIterator<Item = (&'f str, String)>) -> String {
    let fields: Vec<String> =
        fields.into_iter().map(|(name, value)| format!("{}:{value}", quoted(name))).collect();
    format!("{{{}}}", fields.join(","))
}

fn array(values: impl Iterator<Item = String>) -> String {
    format!("[{}]", values.collect::<Vec<_>>().join(","))
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

pub(crate) const EXPLANATIONS: &[Explanation] = &[
    Explanation::error(
        "unknown-field",
        "a request in a test states an argument or a session attribute that is not declared",
        "the request would be denied as ill formed, and the test would pass for the wrong reason",
        "purpose p { \"Work.\" }\nperson alice { email \"alice@acme.example\" }\nagent a { owner alice }\ntool t { arg amount: int  effect read  touches nothing }\ntest \"x\" { deny a for p calling t with { amuont: 1 } }\n",
        "correct the name, or end the line in `due to ill-formed` where that is what is tested",
    ),
    Explanation::error(
        "not-suspended",
        "a denial is expected because of an agent that is not suspended",
        "only forbids and suspensions deny",
        "purpose p { \"Work.\" }\nperson alice { email \"alice@acme.example\" }\nagent a { owner alice }\ntool t { effect read  touches nothing }\ntest \"x\" { deny a for p calling t due to a }\n",
        "name a forbid, a suspended agent, `no-grant` or `ill-formed`",
    ),
];
