//! Writing files so that nothing is ever half-written: to a temporary place beside, then renamed.

use crate::status::Failure;
use crate::workspace::reason;
use bailiwick_compiler::build::MANIFEST_FILE;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Component, Path, PathBuf};

/// Writes one file, whole or not at all. What was there keeps its permissions, and a link stays a link.
pub fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let wrong = |error: std::io::Error| Failure::at(path, "cannot be written", reason(&error));
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut draft = tempfile::Builder::new().prefix(".bailiwick-").tempfile_in(folder).map_err(wrong)?;
    draft.write_all(text.as_bytes()).map_err(wrong)?;
    match fs::metadata(&target) {
        Ok(there) if !there.is_file() => {
            return Err(Failure::at(path, "cannot be written", "it is not a file"));
        }
        Ok(there) => draft.as_file().set_permissions(there.permissions()).map_err(wrong)?,
        Err(_) => readable(draft.as_file()).map_err(wrong)?,
    }
    draft.as_file().sync_all().map_err(wrong)?;
    draft.persist(&target).map_err(|error| wrong(error.error))?;
    Ok(())
}

/// A temporary file is its owner's alone; what it becomes is for everyone to read.
#[cfg(unix)]
fn readable(file: &fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &fs::File) -> std::io::Result<()> {
    Ok(())
}

/// Replaces the output of the previous build in `out` by these files: a folder for each target, and
/// the manifest. Only what the previous build's manifest lists is removed; a target's folder that
/// holds anything else is refused.
pub fn replace(out: &Path, files: &BTreeMap<&str, &[u8]>) -> Result<(), Failure> {
    let wrong = |error: std::io::Error| Failure::at(out, "cannot be written", reason(&error));
    let made = !out.exists();
    fs::create_dir_all(out).map_err(wrong)?;
    let done = exchange(out, files);
    if done.is_err() && made {
        let _ = fs::remove_dir(out);
    }
    done
}

fn exchange(out: &Path, files: &BTreeMap<&str, &[u8]>) -> Result<(), Failure> {
    let wrong = |error: std::io::Error| Failure::at(out, "cannot be written", reason(&error));
    let previous = previous(out)?;
    let old: BTreeSet<&str> = previous.iter().filter_map(|path| path.split('/').next()).collect();
    let new: BTreeSet<&str> = files.keys().filter_map(|path| path.split('/').next()).collect();
    for name in old.union(&new).filter(|name| **name != MANIFEST_FILE) {
        only_built(out, name, &previous)?;
    }

    // inside `out`, so that renaming never crosses file systems
    let staging = tempfile::Builder::new().prefix(".bailiwick-").tempdir_in(out).map_err(wrong)?;
    let (fresh, stale) = (staging.path().join("new"), staging.path().join("old"));
    for (path, content) in files {
        let path = Path::new(path);
        if !path.components().all(|part| matches!(part, Component::Normal(_))) {
            return Err(Failure::at(path, "cannot be written", "it leaves the output folder"));
        }
        let target = fresh.join(path);
        fs::create_dir_all(target.parent().unwrap_or(&fresh)).map_err(wrong)?;
        fs::write(&target, content).map_err(wrong)?;
    }
    fs::create_dir_all(&stale).map_err(wrong)?;

    let mut swap = Swap { out, fresh: &fresh, stale: &stale, done: Vec::new() };
    // the manifest goes last: it speaks for what lies beside it
    for name in old.union(&new).filter(|name| **name != MANIFEST_FILE).chain([&MANIFEST_FILE]) {
        if let Err(error) = swap.entry(name) {
            swap.back();
            return Err(wrong(error));
        }
    }
    Ok(())
}

/// Entries of the output folder, exchanged one by one; all or none.
struct Swap<'a> {
    out: &'a Path,
    fresh: &'a Path,
    stale: &'a Path,
    done: Vec<PathBuf>,
}

impl Swap<'_> {
    fn entry(&mut self, name: &str) -> std::io::Result<()> {
        let (there, fresh) = (self.out.join(name), self.fresh.join(name));
        self.done.push(name.into());
        if fs::symlink_metadata(&there).is_ok() {
            fs::rename(&there, self.stale.join(name))?;
        }
        if fresh.exists() {
            fs::rename(&fresh, &there)?;
        }
        Ok(())
    }

    /// Puts everything back; there is nobody left to tell when that fails too.
    fn back(&self) {
        for name in self.done.iter().rev() {
            if self.stale.join(name).exists() {
                let _ = fs::rename(self.out.join(name), self.fresh.join(name));
                let _ = fs::rename(self.stale.join(name), self.out.join(name));
            } else if !self.fresh.join(name).exists() {
                let _ = fs::rename(self.out.join(name), self.fresh.join(name));
            }
        }
    }
}

/// The files that the previous build wrote, by its manifest.
fn previous(out: &Path) -> Result<BTreeSet<String>, Failure> {
    #[derive(Deserialize)]
    struct Manifest {
        targets: Vec<Target>,
    }
    #[derive(Deserialize)]
    struct Target {
        files: Vec<File>,
    }
    #[derive(Deserialize)]
    struct File {
        path: String,
    }
    let path = out.join(MANIFEST_FILE);
    if fs::symlink_metadata(&path).is_err() {
        return Ok(BTreeSet::new());
    }
    let text = crate::workspace::read_built(&path)?;
    let manifest: Manifest = serde_json::from_str(&text).map_err(|error| {
        Failure::at(&path, "is not a manifest", error).help("choose another output folder, or empty this one")
    })?;
    let paths = manifest.targets.into_iter().flat_map(|target| target.files).map(|file| file.path);
    // what is listed is only ever compared with what is there, and this keeps even that inside
    Ok(paths
        .filter(|path| Path::new(path).components().all(|part| matches!(part, Component::Normal(_))))
        .collect())
}

/// Refuses a target's folder that holds what no build wrote.
fn only_built(out: &Path, target: &str, previous: &BTreeSet<String>) -> Result<(), Failure> {
    let mut waiting = vec![target.to_owned()];
    while let Some(name) = waiting.pop() {
        let path = out.join(&name);
        let Ok(there) = fs::symlink_metadata(&path) else { continue };
        if there.is_dir() {
            let wrong = |error: std::io::Error| Failure::at(&path, "cannot be read", reason(&error));
            for entry in fs::read_dir(&path).map_err(wrong)? {
                let below = entry.map_err(wrong)?.file_name();
                waiting.push(format!("{name}/{}", below.to_string_lossy()));
            }
        } else if !previous.contains(&name) {
            return Err(Failure::new(format!(
                "`{}` was not written by a build and would be replaced",
                path.display()
            ))
            .help("choose another output folder, or take the file out"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(files: &[&str]) -> BTreeMap<String, String> {
        let listed: Vec<String> = files.iter().map(|path| format!("{{\"path\":\"{path}\"}}")).collect();
        let manifest = format!("{{\"targets\":[{{\"files\":[{}]}}]}}", listed.join(","));
        let files = files.iter().map(|path| (path.to_string(), format!("text of {path}")));
        files.chain([(MANIFEST_FILE.to_string(), manifest)]).collect()
    }

    fn replace(out: &Path, files: &BTreeMap<String, String>) -> Result<(), Failure> {
        super::replace(out, &files.iter().map(|(path, text)| (path.as_str(), text.as_bytes())).collect())
    }

    fn all(out: &Path) -> Vec<String> {
        let mut found = Vec::new();
        let mut waiting = vec![out.to_owned()];
        while let Some(folder) = waiting.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    waiting.push(path)
                } else {
                    found.push(path.strip_prefix(out).unwrap().display().to_string())
                }
            }
        }
        found.sort();
        found
    }

    #[test]
    fn a_build_replaces_the_previous_one_and_nothing_else() {
        let there = tempfile::tempdir().unwrap();
        let out = there.path().join("a/out");
        replace(&out, &build(&["cedar/old.cedar", "rego/data.json"])).unwrap();
        fs::write(out.join("mine.txt"), "mine").unwrap();
        replace(&out, &build(&["cedar/new.cedar"])).unwrap();
        assert_eq!(all(&out), [MANIFEST_FILE, "cedar/new.cedar", "mine.txt"]);
    }

    #[test]
    fn a_folder_with_files_of_others_is_left_alone() {
        let there = tempfile::tempdir().unwrap();
        let out = there.path();
        fs::create_dir(out.join("cedar")).unwrap();
        fs::write(out.join("cedar/mine.cedar"), "mine").unwrap();
        let refused = replace(out, &build(&["cedar/new.cedar"])).unwrap_err();
        assert!(refused.message.contains("mine.cedar` was not written by a build"), "{refused:?}");
        assert_eq!(all(out), ["cedar/mine.cedar"]);
    }

    #[test]
    fn nothing_leaves_the_output_folder_and_a_failure_leaves_nothing() {
        let there = tempfile::tempdir().unwrap();
        let out = there.path().join("out");
        let files = BTreeMap::from([("../evil".to_string(), String::new())]);
        assert!(replace(&out, &files).is_err());
        assert!(!out.exists() && !there.path().join("evil").exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_file_keeps_its_permissions_and_a_link_stays_one() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let there = tempfile::tempdir().unwrap();
        let (file, link) = (there.path().join("a"), there.path().join("b"));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        symlink(&file, &link).unwrap();
        write(&link, "new").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }
}
