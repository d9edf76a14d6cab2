//! The schema: who may ask what with which context.

use super::Cedar;
use super::groups::Groups;
use super::text::{NAMESPACE, string};
use crate::model::*;
use std::fmt::Write;

/// The schema in Cedar's own syntax.
pub(super) fn schema(shape: Cedar, model: &Model, groups: &Groups) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "namespace {NAMESPACE} {{");
    kind(&mut out, "Agent", model.agents.iter().map(|row| &row.name));
    kind(&mut out, "DataClass", model.classes.iter().map(|row| &row.name));
    kind(&mut out, "Purpose", model.purposes.iter().map(|row| &row.name));
    kind(&mut out, "Tool", model.tools.iter().map(|row| &row.name));
    out.push_str("\n  type Url = { \"text\": String, \"host\": String };\n");
    record(&mut out, "Approvals", people(model).map(|name| (name, "Long".into(), true)));
    record(&mut out, "Session", model.session.iter().map(|(name, ty)| (name, type_name(ty), true)));
    out.push('\n');
    for group in groups.names() {
        let _ = writeln!(out, "  action {};", string(group));
    }
    for op in (0..model.ops.len()).map(OpId::at) {
        action(&mut out, shape, model, op, groups);
    }
    out.push_str("}\n");
    out
}

/// The people by name.
fn people(model: &Model) -> impl Iterator<Item = &Str> {
    model
        .principals
        .iter()
        .filter(|row| matches!(row.kind, PrincipalKind::Person { .. }))
        .map(|row| &row.name)
}

/// An entity type with just these entities, so that a request that names another does not validate.
fn kind<'a>(out: &mut String, name: &str, of: impl Iterator<Item = &'a Str>) {
    let of: Vec<_> = of.map(|name| string(name)).collect();
    let _ = match of.is_empty() {
        true => writeln!(out, "  entity {name};"),
        false => writeln!(out, "  entity {name} enum [{}];", of.join(", ")),
    };
}

fn record<'a>(out: &mut String, name: &str, fields: impl Iterator<Item = (&'a Str, String, bool)>) {
    let _ = writeln!(out, "  type {name} = {{{}}};", members(fields, "    ", "  "));
}

fn members<'a>(fields: impl Iterator<Item = (&'a Str, String, bool)>, indent: &str, close: &str) -> String {
    let fields: Vec<_> = fields
        .map(|(name, ty, optional)| {
            format!("\n{indent}{}{}: {ty}", string(name), if optional { "?" } else { "" })
        })
        .collect();
    if fields.is_empty() { String::new() } else { format!("{}\n{close}", fields.join(",")) }
}

fn action(out: &mut String, shape: Cedar, model: &Model, id: OpId, groups: &Groups) {
    let tool = model.tool(model.op(id).tool);
    let groups: Vec<_> = groups.of(id).map(|group| string(group)).collect();
    let args = tool.args.iter().map(|(name, arg)| {
        let optional = match &arg.source {
            ArgSource::Optional | ArgSource::Each(_) => true,
            ArgSource::Required | ArgSource::Default(_) => false,
        };
        (name, type_name(&arg.ty), optional)
    });
    let _ = writeln!(
        out,
        "\n  action {} in [{}] appliesTo {{\n    principal: Agent,\n    resource: Tool,\n    context: {{\n      \
         \"purpose\": Purpose,\n      \"delegates\": Set<Agent>,\n      \"hops\": Long,\n      \
         \"data\": Set<DataClass>,\n      \"{}\": {{{}}},\n      \"now\": Long,\n      \"started\": Long,\n      \
         \"authn\": Long,\n      \"session\": Session,\n      \"approvals\": Approvals\n    }}\n  }};",
        string(&model.op_name(id)),
        groups.join(", "),
        shape.args(),
        members(args, "        ", "      "),
    );
}

/// The Cedar type of an attribute.
fn type_name(ty: &Type) -> String {
    match ty {
        Type::Bool | Type::Opaque => "__cedar::Bool".into(),
        Type::Int | Type::Instant | Type::Duration | Type::Authn => "__cedar::Long".into(),
        Type::Decimal => "__cedar::decimal".into(),
        Type::String | Type::Path | Type::Enum(_) | Type::Person => "__cedar::String".into(),
        Type::Url => "Url".into(),
        Type::Ip | Type::Cidr => "__cedar::ipaddr".into(),
        Type::Set(of) => match &**of {
            // a URL in a set is only ever compared as a whole
            Type::Url => "Set<__cedar::String>".into(),
            of => format!("Set<{}>", type_name(of)),
        },
    }
}
