//! Tools: signatures, facts, and the operations that variants make of them.

use super::scope::{Lowered, Reported, Scope};
use crate::diagnostic::{Explanation, error};
use crate::model::*;
use crate::resolve::names::suggest;
use bailiwick_grammar::ast::{
    ArgDecl, ArgSource as Source, Binding, Literal, SetExpr, ToolItem, VariantDecl,
};
use bailiwick_grammar::{At, Span};
use std::collections::BTreeMap;

/// The tool and its operations, whose ids start at `first`.
pub(crate) fn lower(
    scope: &mut Scope,
    name: &Str,
    origin: Origin,
    items: &[At<ToolItem>],
    id: ToolId,
    first: usize,
) -> (Tool, Vec<Op>) {
    let args = scope.signature(items);
    let default = Facts::default();
    let facts = scope.tool_facts(&args, items, &default);
    if facts.effect.is_none() {
        let help = "add `effect read`, `write`, `delete`, `execute` or `admin`";
        let _ = scope.required(None::<()>, origin.span, "effect", help);
    }
    let variants = scope.variants(&args, items);
    let mut ops = Vec::new();
    // A value without a variant of its own uses the tool's facts; with none left, nobody does.
    let all_covered = variants.as_ref().is_some_and(|(arg, chosen)| {
        matches!(args.get(arg).map(|arg| &arg.ty), Some(Type::Enum(values)) if values.iter().all(|v| chosen.contains_key(v)))
    });
    let base = (!all_covered).then(|| OpId::at(first));
    if !all_covered {
        ops.push(scope.operation(id, None, &facts));
    }
    let variant = variants.map(|(arg, chosen)| {
        let chosen = chosen.into_iter().map(|(value, variant)| {
            let own = scope.tool_facts(&args, &variant.items, &facts);
            ops.push(scope.operation(id, Some(value.clone()), &own));
            (value, OpId::at(first + ops.len() - 1))
        });
        Variants { arg, ops: chosen.collect() }
    });
    (Tool { name: name.clone(), origin, args, variant, base }, ops)
}

/// What a tool or variant says of itself.
#[derive(Clone, Default)]
struct Facts {
    effect: Option<(Effect, bool)>,
    /// Reads and writes; `None` when nothing was said.
    data: Option<(ClassSet, ClassSet)>,
    ingests_untrusted: bool,
    reaches_external: bool,
    tags: Vec<Str>,
    bindings: Bindings,
}

impl Scope<'_> {
    fn operation(&self, tool: ToolId, variant: Option<Str>, facts: &Facts) -> Op {
        let unclassified = ClassSet::only(ClassId::UNCLASSIFIED);
        let (reads, writes) = facts.data.clone().unwrap_or((unclassified.clone(), unclassified));
        let declared = reads.union(&writes);
        let labels = declared
            .iter()
            .fold(ClassSet::new(), |labels, class| labels.union(&self.model.class(class).below));
        // Without an effect there is an error; what cannot be told counts as the gravest.
        let (effect, irreversible) = facts.effect.unwrap_or((Effect::Admin, true));
        Op {
            tool,
            variant,
            effect,
            irreversible,
            reads,
            writes,
            labels,
            declared,
            ingests_untrusted: facts.ingests_untrusted,
            reaches_external: facts.reaches_external,
            tags: facts.tags.clone(),
            bindings: facts.bindings.clone(),
        }
    }

    /// The lines of a tool or a variant; what a variant does not state it inherits.
    fn tool_facts(&mut self, args: &BTreeMap<Str, Arg>, items: &[At<ToolItem>], inherited: &Facts) -> Facts {
        let mut facts = inherited.clone();
        let mut effect = None;
        let (mut reads, mut writes, mut nothing) = (None::<ClassSet>, None::<ClassSet>, None);
        let mut failed = false;
        let mut bindings: Vec<(&Binding, Span)> = Vec::new();
        for item in items {
            match &item.node {
                ToolItem::Effect { effect: name, irreversible } => {
                    let words = Effect::ALL.map(Effect::name);
                    if let Ok(found) = self.word(name, "effect", Effect::named(name), &words) {
                        self.once(&mut effect, (found, *irreversible), item.span, "effect");
                    }
                }
                ToolItem::Reads(set) => failed |= self.more_data(&mut reads, set).is_err(),
                ToolItem::Writes(set) => failed |= self.more_data(&mut writes, set).is_err(),
                ToolItem::TouchesNothing => nothing = Some(item.span),
                ToolItem::IngestsUntrusted => facts.ingests_untrusted = true,
                ToolItem::ReachesExternal => facts.reaches_external = true,
                ToolItem::Tags(names) => facts.tags.extend(names.iter().map(|name| name.node.clone())),
                ToolItem::Bind(binding) => bindings.push((binding, item.span)),
                ToolItem::Arg(_) | ToolItem::Variant(_) => {}
            }
        }
        facts.effect = effect.map(|effect| effect.node).or(facts.effect);
        facts.tags.sort();
        facts.tags.dedup();
        facts.bindings = self.bindings(args, &inherited.bindings, &bindings);
        match nothing {
            Some(span) if reads.is_some() || writes.is_some() => {
                let problem = error("contradiction", "a tool that touches nothing reads and writes nothing")
                    .help("take out `touches nothing`, or the other lines");
                self.report(problem, span);
            }
            Some(_) => facts.data = Some(Default::default()),
            None if reads.is_some() || writes.is_some() => {
                facts.data = Some((reads.unwrap_or_default(), writes.unwrap_or_default()));
            }
            // What cannot be read is not known to be anything in particular.
            None if failed => facts.data = None,
            None => {}
        }
        facts
    }

    fn more_data(&mut self, slot: &mut Option<ClassSet>, set: &At<SetExpr>) -> Lowered<()> {
        let found: ClassSet = self.set(set)?;
        if found.is_empty() {
            // A glob without a match would otherwise make a tool that touches nothing.
            let problem =
                error("no-data", "this stands for no data class, and a tool that touches nothing says so")
                    .help("name a declared class, or write `touches nothing`");
            return Err(self.report(problem, set.span));
        }
        // Only the topmost: a label means some data of its class or below.
        let model = self.model;
        let top = |class: ClassId| model.class(class).above.intersection(&found).len() == 1;
        let found: ClassSet = found.iter().filter(|class| top(*class)).collect();
        *slot = Some(slot.take().unwrap_or_default().union(&found));
        Ok(())
    }

    fn signature(&mut self, items: &[At<ToolItem>]) -> BTreeMap<Str, Arg> {
        let mut args: BTreeMap<Str, (Arg, Span)> = BTreeMap::new();
        for item in items {
            let ToolItem::Arg(decl) = &item.node else { continue };
            if let Some((_, first)) = args.get(&decl.name.node) {
                let mut slot = Some(At::new((), *first));
                self.once(&mut slot, (), decl.name.span, &format!("arg {}", decl.name.node));
            } else if let Ok(arg) = self.arg(decl) {
                args.insert(decl.name.node.clone(), (arg, decl.name.span));
            }
        }
        // What is derived comes from a raw argument, which may stand after it.
        let raw = |name: &Str| {
            matches!(
                args.get(name),
                Some((Arg { ty: Type::Opaque, source: ArgSource::Required | ArgSource::Optional }, _))
            )
        };
        let mut wrong = Vec::new();
        for (name, (arg, span)) in &args {
            if let ArgSource::Each(path) = &arg.source
                && !path.first().is_some_and(raw)
            {
                wrong.push((name.clone(), path.first().cloned().unwrap_or_default(), *span));
            }
        }
        for (name, from, span) in wrong {
            args.remove(&name);
            let problem = error(
                "bad-derivation",
                format!("`{name}` is derived from `{from}`, which is no raw argument"),
            )
            .help(format!("declare `arg {from}: opaque`"));
            self.report(problem, span);
        }
        args.into_iter().map(|(name, (arg, _))| (name, arg)).collect()
    }

    fn arg(&mut self, decl: &ArgDecl) -> Lowered<Arg> {
        let ty = self.ty(&decl.ty)?;
        let source = match (&decl.source, decl.optional) {
            (None, false) => ArgSource::Required,
            (None, true) => ArgSource::Optional,
            (Some(_), true) => {
                let problem = error(
                    "contradiction",
                    format!("`{}` is never absent, so it takes no `?`", decl.name.node),
                )
                .help("take out the `?`, or what stands after `=`");
                return Err(self.report(problem, decl.name.span));
            }
            (Some(Source::Default(literal)), false) => ArgSource::Default(self.default(literal, &ty)?),
            (Some(Source::Each(path)), false) => {
                if !matches!(ty, Type::Set(_)) {
                    let problem = error(
                        "bad-derivation",
                        format!("`{}` gathers many values, so it is a set", decl.name.node),
                    )
                    .help(format!("declare it `set<{}>`", crate::types::type_text(&ty)));
                    return Err(self.report(problem, decl.ty.span));
                }
                ArgSource::Each(path.split('.').map(Str::from).collect())
            }
        };
        Ok(Arg { ty, source })
    }

    /// A default: a literal, or the name of an alternative or a person.
    fn default(&mut self, literal: &At<Literal>, ty: &Type) -> Lowered<Value> {
        self.literal(&literal.node, literal.span, ty)
    }

    /// The argument that selects a variant, and the variants by value.
    fn variants<'t>(
        &mut self,
        args: &BTreeMap<Str, Arg>,
        items: &'t [At<ToolItem>],
    ) -> Option<(Str, BTreeMap<Str, &'t VariantDecl>)> {
        let mut selector: Option<At<Str>> = None;
        let mut chosen: BTreeMap<Str, (&VariantDecl, Span)> = BTreeMap::new();
        for item in items {
            let ToolItem::Variant(decl) = &item.node else { continue };
            for line in &decl.items {
                if matches!(line.node, ToolItem::Arg(_) | ToolItem::Variant(_)) {
                    let problem =
                        error("variant-argument", "a variant has no arguments and no variants of its own")
                            .help("declare the argument in the tool");
                    self.report(problem, line.span);
                }
            }
            match &selector {
                Some(first) if first.node != decl.arg.node => {
                    let problem =
                        error("variant-argument", "the variants of a tool are selected by one argument")
                            .help(format!("use `{}`, as the first variant does", first.node));
                    self.report(problem, decl.arg.span);
                    continue;
                }
                Some(_) => {}
                None => selector = Some(decl.arg.clone()),
            }
            let Ok(()) = self.selects(args, decl) else { continue };
            match chosen.get(&decl.value.node) {
                Some((_, first)) => {
                    let mut slot = Some(At::new((), *first));
                    self.once(&mut slot, (), decl.value.span, &format!("variant {}", decl.value.node));
                }
                None => {
                    chosen.insert(decl.value.node.clone(), (decl, decl.value.span));
                }
            }
        }
        let arg = selector?.node;
        let chosen: BTreeMap<Str, &VariantDecl> =
            chosen.into_iter().map(|(value, (decl, _))| (value, decl)).collect();
        (!chosen.is_empty()).then_some((arg, chosen))
    }

    /// Whether the argument is an enumeration with that alternative, and never absent.
    fn selects(&mut self, args: &BTreeMap<Str, Arg>, decl: &VariantDecl) -> Lowered<()> {
        let name = &decl.arg.node;
        let problem = match args.get(name) {
            None => {
                let help = match suggest(name, args.keys()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("declare it: `arg {name}: {} | …`", decl.value.node),
                };
                error("variant-argument", format!("the tool has no argument `{name}`")).help(help)
            }
            Some(Arg { ty: Type::Enum(_), source: ArgSource::Optional }) => error(
                "variant-argument",
                format!("`{name}` may be absent, and then no variant would be selected"),
            )
            .help("make it required, or give it a default"),
            Some(Arg { ty: ty @ Type::Enum(_), .. }) => {
                return self
                    .literal(&Literal::Text(decl.value.node.clone()), decl.value.span, ty)
                    .map(|_| ());
            }
            Some(_) => error("variant-argument", format!("`{name}` is not an enumeration"))
                .help("a variant is selected by an argument whose values are listed: `a | b`"),
        };
        let _: Reported = self.report(problem, decl.arg.span);
        Err(Reported)
    }
}

pub(crate) const EXPLANATIONS: &[Explanation] = &[
    Explanation::error(
        "contradiction",
        "two lines say opposite things",
        "whichever of them counted, a reader would have believed the other",
        "data d { sensitivity internal }\ntool t { effect read  reads d  touches nothing }\n",
        "take one of them out",
    ),
    Explanation::error(
        "no-data",
        "a tool's data is a set in which there is nothing",
        "the tool would silently count as one that touches no data",
        "tool t { effect read  reads tagged nowhere }\n",
        "name a declared class, or write `touches nothing`",
    ),
    Explanation::error(
        "bad-derivation",
        "a derived argument is no set, or not derived from a raw (`opaque`) argument",
        "what is gathered is many values, out of something that is not looked at otherwise",
        "tool t { arg files: string  arg paths: set<path> = each files.path  effect write  touches nothing }\n",
        "declare the raw argument `opaque` and the derived one a set",
    ),
    Explanation::error(
        "variant-argument",
        "variants are not selected by one enumerated argument that is always there",
        "a call must select exactly one operation, whose effect and data then count",
        "tool t { arg method: string  effect read  touches nothing  variant method create { effect write } }\n",
        "select by an argument of an enumeration, required or with a default",
    ),
];
