//! `prove` blocks: properties of all requests.

use super::condition::Context;
use super::scope::{Lowered, Scope};
use crate::model::*;
use bailiwick_grammar::At;
use bailiwick_grammar::ast;

impl Scope<'_> {
    /// A `prove` block.
    pub fn proof(&mut self, title: &Str, origin: Origin, properties: &[At<ast::Property>]) -> Lowered<Proof> {
        let read: Vec<_> =
            properties.iter().map(|one| self.property(one).map(|found| (found, one.span))).collect();
        let properties = read.into_iter().collect::<Lowered<Vec<_>>>()?;
        Ok(Proof { title: title.clone(), origin, properties })
    }

    fn property(&mut self, property: &At<ast::Property>) -> Lowered<Property> {
        match &property.node {
            ast::Property::Never { agents, call } => {
                let (agents, call) = (self.set(agents), self.call(call, false));
                Ok(Property::Never(agents?, call?))
            }
            ast::Property::Only { agents, call } => {
                let (agents, call) = (self.set(agents), self.call(call, false));
                Ok(Property::Only(agents?, call?))
            }
            ast::Property::Always { agent, purpose, call } => {
                let (agent, purpose) = (self.agent(agent), self.purpose(purpose));
                let call = self.call(call, true);
                Ok(Property::Always(agent?, purpose?, call?))
            }
        }
    }

    pub fn call(&mut self, call: &ast::Call, always: bool) -> Lowered<Call> {
        let ops = self.set(&call.tools);
        let data = call.data.as_ref().map(|set| self.set(set)).transpose();
        let ops = ops?;
        let context = if always { Context::strict(&ops) } else { Context::lenient(&ops) };
        let cond = self.condition(context, call.condition.as_ref())?;
        let data = data?.map(|set| if always { self.model.covered(&set) } else { self.model.met(&set) });
        Ok(Call { ops, data, cond })
    }
}
