//! `init`: a small project to begin with, that checks clean.

use crate::console::Console;
use crate::output;
use crate::render::visible;
use crate::status::{Failure, Status};
use crate::workspace::reason;
use std::path::Path;

/// What is written, relative to the folder. `NAME` stands for the project's name.
const FILES: [(&str, &str); 3] = [
    ("bailiwick.toml", include_str!("init/bailiwick.toml")),
    ("policies/estate.grant", include_str!("init/estate.grant")),
    ("policies/support.grant", include_str!("init/support.grant")),
];

pub fn run(console: &mut Console, dir: &Path) -> Result<Status, Failure> {
    if let Some((there, _)) = FILES.iter().find(|(path, _)| std::fs::symlink_metadata(dir.join(path)).is_ok())
    {
        return Err(Failure::new(format!("`{}` is already there", dir.join(there).display()))
            .help("choose another folder: `bailiwick init my-policies`"));
    }
    let name = project_name(dir);
    for (path, text) in FILES {
        let file = dir.join(path);
        let folder = file.parent().unwrap_or(dir);
        std::fs::create_dir_all(folder)
            .map_err(|error| Failure::at(folder, "cannot be made", reason(&error)))?;
        output::write(&file, &text.replace("NAME", &name))?;
        console.print(&visible(&format!("wrote {}\n", file.display())))?;
    }
    console.print("next: `bailiwick check`, then `bailiwick test`\n")?;
    Ok(Status::Clean)
}

/// The folder's name, as far as it can stand in a TOML string.
fn project_name(dir: &Path) -> String {
    let whole = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
    let name = whole.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let plain: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).collect();
    if plain.is_empty() { "policies".into() } else { plain }
}
