//! What others wrote down, as modules: catalogs of tools.
//!
//! An import is a translation, not a judgement. It marks what it cannot know (`unclassified`,
//! effects at their most dangerous default) so that a reviewer must decide, and reports what the
//! source says and the language cannot. Sources are hostile: nothing in them reaches the module
//! but as a checked name or an escaped string.

pub(crate) mod json;
pub mod mcp;
mod schema;
mod text;

pub(crate) use text::quoted;
