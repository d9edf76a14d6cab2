//! Says what to do when the solver's library is not there, before the linker says it worse.

#![allow(clippy::disallowed_methods)] // a build script asks the machine that it runs on

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-env-changed=Z3_LIBRARY_PATH_OVERRIDE");
    // `.cargo/config.toml` sets this to `.z3/lib`; whoever sets something else knows why
    let Some(folder) = std::env::var_os("Z3_LIBRARY_PATH_OVERRIDE") else {
        println!(
            "cargo::warning=Z3_LIBRARY_PATH_OVERRIDE is not set: a Z3 of the system is linked, and must be 5.3 or newer"
        );
        return;
    };
    let folder = Path::new(&folder);
    println!("cargo::rerun-if-changed={}", folder.display());
    let found = ["libz3.so", "libz3.dylib", "libz3.a", "libz3.lib", "z3.lib"]
        .iter()
        .any(|name| folder.join(name).is_file());
    if !found {
        println!(
            "cargo::error=the Z3 library is not in `{}`: run `./setup` in the checkout, then build again",
            folder.display()
        );
    }
}
