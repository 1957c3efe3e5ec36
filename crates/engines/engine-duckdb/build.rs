//! Makes libduckdb.so be found at run time.
//!
//! * A link in `OUT_DIR`, named as a search path: cargo puts such folders into `LD_LIBRARY_PATH` of everything that
//!   `cargo run` and `cargo test` start, in this and in every dependent package.
//! * An rpath for this package's own test binaries. Linker arguments of a library don't reach the binaries of its
//!   dependents: `crates/gatehouse/build.rs` sets the same rpath for the program.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

const LIBRARY: &str = "libduckdb.so";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-env-changed=DUCKDB_LIB_DIR");
    let Some(folder) = env::var_os("DUCKDB_LIB_DIR").map(PathBuf::from) else {
        return Ok(());
    };
    println!("cargo::rustc-link-arg=-Wl,-rpath,{}", folder.display());
    let library = folder.join(LIBRARY);
    println!("cargo::rerun-if-changed={}", library.display());
    let Some(out) = env::var_os("OUT_DIR").map(PathBuf::from) else {
        return Ok(());
    };
    link(&library, &out.join(LIBRARY))?;
    println!("cargo::rustc-link-search=native={}", out.display());
    Ok(())
}

fn link(library: &Path, name: &Path) -> io::Result<()> {
    match fs::remove_file(name) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    #[cfg(unix)]
    return std::os::unix::fs::symlink(library, name);
    #[cfg(not(unix))]
    return fs::copy(library, name).map(|_| ());
}
