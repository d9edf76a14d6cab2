//! One test binary over everything: each folder is an area.

mod command_line;
mod conformance;
mod escalation;
mod examples;
mod fixes;
mod fixture;
mod labels;
mod language;
mod meaning;
mod planted;
mod rules;
mod standards;
mod targets;
mod witness;
