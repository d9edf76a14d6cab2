//! What there is, before it is written out.

use super::Options;
use super::values::{ARGUMENTS, AWS, Attribute, DERIVED, KUBERNETES, Kind, METHOD, SESSION};
use crate::rng::Rng;

/// People, agents, data, tools and purposes.
pub struct Estate {
    /// The declared session attributes; some projects know no requester.
    pub session: Vec<Attribute>,
    /// People's names.
    pub people: Vec<String>,
    /// One team a department.
    pub teams: Vec<String>,
    /// Agents.
    pub agents: Vec<Member>,
    /// Data classes, parents before children.
    pub classes: Vec<Class>,
    /// Tools.
    pub tools: Vec<Tool>,
    /// Purposes.
    pub purposes: Vec<Purpose>,
    /// Their names.
    pub purpose_names: Vec<String>,
}

/// An agent: its name, its department.
pub struct Member {
    pub name: String,
    pub department: usize,
}

/// A data class.
pub struct Class {
    pub name: String,
    /// Position of its root class in the list of roots; a root's own for itself.
    pub root: usize,
    /// Position of its parent among the classes.
    pub parent: Option<usize>,
}

/// What is special about a tool: the first ten of a project are one of each, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Special {
    Variants,
    Derived,
    Unclassified,
    TouchesNothing,
    Aws,
    Kubernetes,
    Defaults,
    Outward,
    Ingests,
    Plain,
}

impl Special {
    const ALL: [Special; 10] = [
        Special::Variants,
        Special::Derived,
        Special::Unclassified,
        Special::TouchesNothing,
        Special::Aws,
        Special::Kubernetes,
        Special::Defaults,
        Special::Outward,
        Special::Ingests,
        Special::Plain,
    ];
}

/// How an argument is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    Required,
    Optional,
    Default,
}

/// A tool.
pub struct Tool {
    pub name: String,
    pub family: usize,
    pub department: usize,
    pub special: Special,
    /// Arguments that the declaration lists by way of the pool.
    pub arguments: Vec<(Attribute, Presence)>,
    /// Positions of the classes that it declares.
    pub classes: Vec<usize>,
}

impl Tool {
    /// What conditions may name, the derived argument included.
    pub fn attributes(&self) -> Vec<Attribute> {
        let mut all: Vec<Attribute> = self.arguments.iter().map(|(attribute, _)| *attribute).collect();
        match self.special {
            Special::Variants => all.push(METHOD),
            Special::Derived => all.push(DERIVED),
            Special::Aws => all.extend(AWS),
            Special::Kubernetes => all.extend(KUBERNETES),
            Special::Unclassified
            | Special::TouchesNothing
            | Special::Defaults
            | Special::Outward
            | Special::Ingests
            | Special::Plain => {}
        }
        all
    }
}

/// A purpose: its department and the tools it is about.
pub struct Purpose {
    pub name: String,
    pub department: usize,
    pub tools: Vec<usize>,
}

/// Tools in a family.
pub const FAMILY: usize = 8;
const VERBS: [&str; FAMILY] = ["create", "approve", "read", "delete", "list", "update", "send", "run"];

impl Estate {
    /// Draws an estate of that size.
    pub fn draw(rng: &mut Rng, options: &Options) -> Estate {
        let departments = options.departments;
        let people = (0..options.people).map(|at| format!("person-{at}")).collect();
        let teams = (0..departments).map(|at| format!("team-{at}")).collect();
        let agents = (0..options.agents)
            .map(|at| Member { name: format!("agent-{at}"), department: at % departments })
            .collect();
        let classes = classes(rng, options.roots);
        let tools = tools(rng, options, &classes);
        let purposes = purposes(rng, options, &tools);
        let purpose_names = purposes.iter().map(|purpose| purpose.name.clone()).collect();
        let user = rng.chance(70);
        let session =
            SESSION.iter().copied().filter(|attribute| user || attribute.kind != Kind::Person).collect();
        Estate { session, people, teams, agents, classes, tools, purposes, purpose_names }
    }

    /// The agents of a department.
    pub fn agents_of(&self, department: usize) -> Vec<usize> {
        (0..self.agents.len()).filter(|&at| self.agents[at].department == department).collect()
    }

    /// The arguments that all of these tools declare.
    pub fn shared(&self, tools: &[usize]) -> Vec<Attribute> {
        let Some((first, rest)) = tools.split_first() else { return Vec::new() };
        let mut shared = self.tools[*first].attributes();
        for &tool in rest {
            let other = self.tools[tool].attributes();
            shared.retain(|attribute| other.contains(attribute));
        }
        shared
    }

    /// The tools of a family.
    pub fn family(&self, family: usize) -> Vec<usize> {
        (0..self.tools.len()).filter(|&at| self.tools[at].family == family).collect()
    }
}

fn classes(rng: &mut Rng, roots: usize) -> Vec<Class> {
    let mut classes = Vec::new();
    for root in 0..roots {
        let at = classes.len();
        classes.push(Class { name: format!("records-{root}"), root, parent: None });
        for child in 0..2 {
            classes.push(Class { name: format!("records-{root}.part-{child}"), root, parent: Some(at) });
        }
        classes.push(Class { name: format!("records-{root}.part-0.detail"), root, parent: Some(at + 1) });
        if rng.chance(50) {
            // Named apart from its parent, which it states.
            classes.push(Class { name: format!("ledger-{root}"), root, parent: Some(at) });
        }
    }
    classes
}

fn tools(rng: &mut Rng, options: &Options, classes: &[Class]) -> Vec<Tool> {
    let mut tools = Vec::new();
    let mut shared = Vec::new();
    for at in 0..options.tools {
        let family = at / FAMILY;
        if at % FAMILY == 0 {
            shared = rng.some(ARGUMENTS, 3);
        }
        let special = match at {
            0..10 => Special::ALL[at],
            _ if rng.chance(60) => Special::Plain,
            _ => *rng.pick(&Special::ALL),
        };
        let own: Vec<Attribute> =
            rng.some(ARGUMENTS, 4).into_iter().filter(|own| !shared.contains(own)).collect();
        let arguments = shared
            .iter()
            .chain(&own)
            .map(|&attribute| {
                // Sets and opaque values have no literal to be a default; people's come from the project.
                let literal = !matches!(attribute.kind, Kind::Set(_) | Kind::Opaque | Kind::Person);
                let presence = match rng.below(10) {
                    0..4 => Presence::Required,
                    4..6 if literal => Presence::Default,
                    _ if special == Special::Defaults && literal => Presence::Default,
                    _ => Presence::Optional,
                };
                (attribute, presence)
            })
            .collect();
        let root = rng.below(options.roots);
        let within: Vec<usize> = (0..classes.len()).filter(|&class| classes[class].root == root).collect();
        let touched = match special {
            Special::Unclassified | Special::TouchesNothing => Vec::new(),
            _ => {
                let count = 1 + rng.below(2);
                rng.some(&within, count)
            }
        };
        tools.push(Tool {
            name: format!("sys-{family}.{}-{at}", VERBS[at % FAMILY]),
            family,
            department: family % options.departments,
            special,
            arguments,
            classes: touched,
        });
    }
    tools
}

fn purposes(rng: &mut Rng, options: &Options, tools: &[Tool]) -> Vec<Purpose> {
    (0..options.purposes)
        .map(|at| {
            let department = at % options.departments;
            let own: Vec<usize> =
                (0..tools.len()).filter(|&tool| tools[tool].department == department).collect();
            let own = if own.is_empty() { (0..tools.len()).collect() } else { own };
            let count = 4 + rng.below(5);
            Purpose { name: format!("purpose-{at}"), department, tools: rng.some(&own, count) }
        })
        .collect()
}
