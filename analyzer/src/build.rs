//! Builds that are proved: what is about to be written is read back first, and held to the source.

use crate::Analysis;
use crate::verify::{Gap, Proof, Standing, verify};
use bailiwick_compiler::build::{self, Build, Input, Proved};
use bailiwick_compiler::targets::Target;

/// A target whose artifacts are not proved: a fault of the compiler, or of its reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The target.
    pub target: &'static str,
    /// Requests that artifacts and source decide differently.
    pub gaps: Vec<Gap>,
    /// What could not be read or decided.
    pub open: Vec<String>,
}

/// Builds the analysed model for these targets, at the analysis' moment. Of the first target whose
/// artifacts are not proved comes the flaw.
pub fn build(analysis: &Analysis, targets: &[&'static dyn Target], inputs: &[Input]) -> Result<Build, Flaw> {
    let mut flaw = None;
    let built = build::build(analysis.model, targets, inputs, analysis.now, &mut |target, emission| {
        let reading = target.read(analysis.model, &emission.files);
        let Proof { grants, gaps, open } = verify(analysis, &reading, &emission.outcomes);
        if !(gaps.is_empty() && open.is_empty()) {
            flaw.get_or_insert(Flaw { target: target.name(), gaps, open });
        }
        grants.into_iter().map(Proved::from).collect()
    });
    flaw.map_or(Ok(built), Err)
}

impl From<Standing> for Proved {
    fn from(standing: Standing) -> Proved {
        match standing {
            Standing::Equal => Proved::Equal,
            Standing::Within => Proved::Within { why: None },
            Standing::WithinAtLeast(why) => Proved::Within { why: Some(why) },
            Standing::NotProved(why) => Proved::Nothing { why },
        }
    }
}
