//! The declarations that a finding's sentence names, as labels: whoever reads it can look at each.

use crate::analysis::Analysis;
use bailiwick_compiler::diagnostic::{Diagnostic, Location};
use bailiwick_compiler::model::*;
use bailiwick_compiler::request::Request;

/// What a sentence names.
#[derive(Clone, Debug)]
pub enum Named {
    /// An agent, and its owner.
    Agent(AgentId),
    /// A person or a team.
    Principal(PrincipalId),
    /// A purpose.
    Purpose(PurposeId),
    /// An operation's tool.
    Tool(OpId),
    /// A data class.
    Class(ClassId),
}

impl Named {
    /// What [`Analysis::call`] says of a request, and the agents in its chain.
    pub fn of(request: &Request) -> impl Iterator<Item = Named> {
        let agents = request.chain.iter().map(|&agent| Named::Agent(agent));
        let data = request.data.iter().map(Named::Class).collect::<Vec<_>>();
        agents.chain([Named::Tool(request.op)]).chain(data)
    }
}

impl Analysis<'_> {
    /// The diagnostic with a label at each of these that none of its places is in yet. What is built
    /// in or comes from the library is not for the project to mend, and has none.
    pub fn naming(&self, diagnostic: Diagnostic, named: impl IntoIterator<Item = Named>) -> Diagnostic {
        let model = self.model;
        named.into_iter().fold(diagnostic, |diagnostic, named| match named {
            Named::Agent(id) => {
                let agent = model.agent(id);
                let diagnostic = with(diagnostic, &agent.origin, format!("agent `{}`", agent.name));
                let owner = model.principal(agent.owner);
                with(diagnostic, &owner.origin, format!("`{}` owns `{}`", owner.name, agent.name))
            }
            Named::Principal(id) => {
                let principal = model.principal(id);
                with(diagnostic, &principal.origin, format!("`{}` is declared here", principal.name))
            }
            Named::Purpose(id) => {
                let purpose = model.purpose(id);
                with(diagnostic, &purpose.origin, format!("purpose `{}`", purpose.name))
            }
            Named::Tool(op) => {
                let tool = model.tool(model.op(op).tool);
                with(diagnostic, &tool.origin, format!("tool `{}`", tool.name))
            }
            Named::Class(ClassId::UNCLASSIFIED) => diagnostic,
            Named::Class(id) => {
                let class = model.class(id);
                with(diagnostic, &class.origin, format!("data `{}`", class.name))
            }
        })
    }
}

fn with(diagnostic: Diagnostic, origin: &Origin, text: String) -> Diagnostic {
    let there = |at: &Location| {
        at.module == origin.module && origin.span.start <= at.span.start && at.span.end <= origin.span.end
    };
    let mut places = diagnostic.at.iter().chain(diagnostic.labels.iter().map(|label| &label.at));
    let foreign = origin.module.is_empty() || origin.module.starts_with("std/");
    if foreign || places.any(there) {
        diagnostic
    } else {
        diagnostic.label(&origin.module, origin.span, text)
    }
}
