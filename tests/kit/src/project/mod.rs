//! Well-formed projects that use every construct of the language.
//!
//! An estate is drawn first (who, which tools with which arguments, which data), then written out
//! module by module. Departments keep large projects realistic: a team, its agents, its purposes
//! and its tool families belong together, and most grants stay within them.

mod condition;
mod declare;
mod estate;
mod grants;
mod rules;
mod values;

use crate::rng::Rng;
use estate::Estate;

/// How large a project is, and of what mix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// How many departments: each is a team with its agents, purposes and tool families.
    pub departments: usize,
    /// How many people.
    pub people: usize,
    /// How many agents, at least three.
    pub agents: usize,
    /// How many data classes without a parent; each has three or four below it.
    pub roots: usize,
    /// How many tools, at least ten: the first ten are one of each kind.
    pub tools: usize,
    /// How many purposes.
    pub purposes: usize,
    /// How many grants.
    pub grants: usize,
    /// How many forbids.
    pub forbids: usize,
    /// How many ceilings.
    pub ceilings: usize,
    /// How many `separate` and as many `toxic` rules; the four scopes take turns.
    pub combinations: usize,
    /// Weights of conditions: none, one or two comparisons, sets and patterns, and those with
    /// `or`, `not`, presence, approvals or two attributes.
    pub mix: [usize; 4],
    /// Percentage of a purpose's needs that are conditional. Zero keeps grants within their purposes.
    pub conditional_needs: usize,
    /// How many grants go into one module.
    pub grants_per_module: usize,
}

impl Default for Options {
    /// A small project in which every construct appears.
    fn default() -> Self {
        Options {
            departments: 2,
            people: 8,
            agents: 8,
            roots: 3,
            tools: 16,
            purposes: 6,
            grants: 16,
            forbids: 4,
            ceilings: 2,
            combinations: 4,
            mix: [20, 30, 25, 25],
            conditional_needs: 20,
            grants_per_module: 8,
        }
    }
}

impl Options {
    /// The shape that benchmarks use: so many grants, a tenth as many agents, 500 tools, twenty
    /// rules on combinations, and conditions mostly absent or simple (40 none, 40 one or two
    /// comparisons, 15 sets and patterns, 5 the rest).
    pub fn benchmark(grants: usize) -> Self {
        let agents = (grants / 10).max(3);
        Options {
            departments: (agents / 10).clamp(2, 25),
            people: (agents / 4).clamp(10, 200),
            agents,
            roots: 12,
            tools: 500,
            purposes: (agents / 2).clamp(10, 200),
            grants,
            forbids: 20,
            ceilings: 10,
            combinations: 10,
            mix: [40, 40, 15, 5],
            conditional_needs: 0,
            grants_per_module: 250,
        }
    }
}

/// The project of a seed: module paths (without `.grant`) and their texts, in the order of the paths.
pub fn project(seed: u64, options: &Options) -> Vec<(String, String)> {
    let mut rng = Rng::new(seed);
    let estate = Estate::draw(&mut rng, options);
    let mut modules = declare::modules(&mut rng, options, &estate);
    let grants = grants::modules(&mut rng, options, &estate);
    modules.push(rules::module(&mut rng, options, &estate, &grants));
    modules.extend(grants.into_iter().map(|module| (module.path, module.text)));
    modules.sort();
    modules
}
