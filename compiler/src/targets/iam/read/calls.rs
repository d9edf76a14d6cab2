//! The ways in which a request of the language reaches AWS: the parts of a call.

use super::resource::{Piece, pieces};
use super::test::Key;
use crate::model::*;
use crate::targets::iam::approval;
use std::collections::BTreeMap;

/// One part of a call: an action on a resource.
pub struct Call<'a> {
    /// The operation.
    pub op: OpId,
    /// Its tool.
    pub tool: &'a Tool,
    /// The action.
    pub action: &'a Str,
    /// The resource.
    pub pieces: Vec<Piece>,
    /// What condition keys carry, by the key in lower case.
    keys: BTreeMap<String, Key>,
}

/// Every part, an operation after the other, in the order of its bindings, resources and actions.
pub fn calls(model: &Model) -> Vec<Call<'_>> {
    let mut calls = Vec::new();
    for (at, op) in model.ops.iter().enumerate() {
        for binding in &op.bindings.aws {
            let mut keys: BTreeMap<String, Key> = BTreeMap::new();
            for (key, arg) in &binding.keys {
                let carried = Key::Attr(Attr::Arg(arg.clone()));
                // Of a key that is bound twice nobody knows what it carries.
                let twice = keys.insert(key.to_ascii_lowercase(), carried).is_some();
                if twice {
                    keys.insert(key.to_ascii_lowercase(), Key::Anything);
                }
            }
            for template in &binding.resources {
                for action in &binding.actions {
                    calls.push(Call {
                        op: OpId::at(at),
                        tool: model.tool(op.tool),
                        action,
                        pieces: pieces(template),
                        keys: keys.clone(),
                    });
                }
            }
        }
    }
    calls
}

impl Call<'_> {
    /// What an attribute is, in a request that makes the call.
    pub fn type_of(&self, model: &Model, attr: &Attr) -> Option<Type> {
        match attr {
            Attr::Arg(name) => self.tool.args.get(name).map(|arg| arg.ty.clone()),
            Attr::Session(name) => model.session.get(name).cloned(),
            Attr::Now | Attr::Started => Some(Type::Instant),
            Attr::Authn => Some(Type::Authn),
        }
    }

    /// What a condition key carries when the role makes the call.
    pub fn key(&self, model: &Model, role: &str, key: &str) -> Key {
        let lower = key.to_ascii_lowercase();
        if let Some(demand) = approval::of_key(model, key) {
            return Key::Approval(demand);
        }
        if let Some(tag) = lower.strip_prefix("aws:principaltag/") {
            let mut alike = model.session.iter().filter(|(name, _)| name.eq_ignore_ascii_case(tag));
            return match (alike.next(), alike.next()) {
                (Some((_, Type::Set(_) | Type::Opaque | Type::Authn)), None) => Key::Absent,
                (Some((name, _)), None) => Key::Attr(Attr::Session(name.clone())),
                // A tag that the project does not know, or cannot tell from another.
                _ => Key::Anything,
            };
        }
        match lower.as_str() {
            "aws:currenttime" | "aws:epochtime" => Key::Now,
            "aws:principalarn" => Key::Fixed(role.to_string()),
            "aws:principalaccount" => Key::Fixed(role.split(':').nth(4).unwrap_or_default().to_string()),
            _ => self.keys.get(&lower).cloned().unwrap_or(Key::Anything),
        }
    }

    /// Arguments that the resource holds: without them there is no such call.
    pub fn needs(&self) -> impl Iterator<Item = &Str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Arg(arg) => Some(arg),
            Piece::Char(_) | Piece::Unknown { .. } => None,
        })
    }
}
