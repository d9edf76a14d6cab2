//! Archives: some of a target's files in one, as a gzipped tape archive.

use crate::targets::Target;
use flate2::{Compression, GzBuilder};
use std::collections::BTreeMap;
use std::io;

/// What the archive's header says of the system it was made on: nothing (RFC 1952, section 2.3.1).
const UNKNOWN: u8 = 255;

/// The archive of a target's files, and its path; `None` when the target has none, or one of its
/// files is not there. No time, owner or machine is in it: the same files give the same bytes.
pub fn archive(target: &dyn Target, files: &BTreeMap<String, String>) -> Option<(&'static str, Vec<u8>)> {
    let (path, members) = target.archive()?;
    let members: Option<Vec<_>> = members.iter().map(|name| files.get_key_value(*name)).collect();
    // writing to memory cannot fail
    Some((path, packed(&members?).ok()?))
}

fn packed(members: &[(&String, &String)]) -> io::Result<Vec<u8>> {
    let to = GzBuilder::new().mtime(0).operating_system(UNKNOWN).write(Vec::new(), Compression::default());
    let mut tape = tar::Builder::new(to);
    for (path, text) in members {
        let mut header = tar::Header::new_ustar();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(0);
        header.set_uid(0);
        header.set_gid(0);
        tape.append_data(&mut header, path, text.as_bytes())?;
    }
    tape.into_inner()?.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::rego::Rego;
    use flate2::read::GzDecoder;
    use std::io::Read;

    #[test]
    fn an_archive_holds_the_bundle_and_the_same_bytes_every_time() {
        let model = crate::compile_text(&[("main", "tool t { effect read  touches nothing }\n")]).model;
        let files = Rego::Data.emit(&model, 0).files;
        let (path, bytes) = archive(&Rego::Data, &files).expect("an archive");
        assert_eq!(
            (path, Some(&bytes)),
            ("bundle.tar.gz", archive(&Rego::Data, &files).map(|(_, again)| again).as_ref())
        );
        let mut held = BTreeMap::new();
        for entry in tar::Archive::new(GzDecoder::new(&*bytes)).entries().unwrap() {
            let mut entry = entry.unwrap();
            let (header, path) = (entry.header().clone(), entry.path().unwrap().display().to_string());
            assert_eq!(
                (header.mtime().unwrap(), header.uid().unwrap(), header.mode().unwrap()),
                (0, 0, 0o644)
            );
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            held.insert(path, text);
        }
        let mut expected = files.clone();
        expected.retain(|path, _| [".manifest", "data.json", "policy.rego"].contains(&path.as_str()));
        assert_eq!((held.len(), held), (3, expected));
        // without one of its files there is none
        assert_eq!(archive(&Rego::Data, &BTreeMap::from([(".manifest".to_string(), String::new())])), None);
    }
}
