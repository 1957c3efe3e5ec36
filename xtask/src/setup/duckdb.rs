//! libduckdb.so, from DuckDB's own npm package: building it takes 40 minutes on two cores.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};

use super::{archive, execute, is_stamped, stamp, tools_dir};

/// Beside `duckdb = "=1.10505.0"` in the root Cargo.toml: both are DuckDB 1.5.5.
const VERSION: &str = "1.5.5-r.5";

/// The machine, as Rust names it; the package; the SHA-512 of its archive in hexadecimal digits (npm's lock files write
/// the same in base64).
const PACKAGES: [(&str, &str, &str); 2] = [
    (
        "x86_64",
        "@duckdb/node-bindings-linux-x64",
        "902caae815e19fa4177f017cc957552ab8924873feadf556709e7a706f2a67394e669c72bd3e561a6ea332c871838762b4b94eb07b0837f0f8ed162b7235ee1d",
    ),
    (
        "aarch64",
        "@duckdb/node-bindings-linux-arm64",
        "09a7c7d8022f5eda700f29c6dca07fe2e10e1d11a516807b6ae091308c07dc128d2286ec00d5792d2a43277b5fc9108522c2ba7bc013d5eb1e5959eed83bf773",
    ),
];

const LIBRARY: &str = "libduckdb.so";

pub(super) fn setup() -> anyhow::Result<()> {
    let machine = std::env::consts::ARCH;
    let package = PACKAGES.iter().find(|(name, _, _)| *name == machine && std::env::consts::OS == "linux");
    let Some((_, package, sha512)) = package else {
        bail!(
            "DuckDB's library is fetched for Linux on x86_64 and aarch64 only, and this is {} on {machine}; \
             put DuckDB 1.5.5's library into a folder of yours and set DUCKDB_LIB_DIR to it",
            std::env::consts::OS
        );
    };
    let folder = tools_dir().join("duckdb");
    let pin = format!("{package}@{VERSION} sha512 {sha512}");
    if is_stamped(&folder, &pin) && folder.join(LIBRARY).is_file() {
        return Ok(());
    }
    let work = tools_dir().join("duckdb.new");
    let outcome = fetch(&work, &format!("{package}@{VERSION}"), sha512).and_then(|()| {
        fs::create_dir_all(&folder)?;
        // A rename: a program that has the old library open keeps it.
        fs::rename(work.join("package").join(LIBRARY), folder.join(LIBRARY))
            .context("the library can't be put in place")
    });
    fs::remove_dir_all(&work).ok();
    outcome?;
    stamp(&folder, &pin)
}

/// Leaves `package/libduckdb.so` in `work`.
fn fetch(work: &Path, package: &str, sha512: &str) -> anyhow::Result<()> {
    if work.exists() {
        fs::remove_dir_all(work)?;
    }
    fs::create_dir_all(work)?;
    let archive = archive::npm(package, work)?;
    archive::verify(&archive, sha512)?;
    let member = format!("package/{LIBRARY}");
    execute(Command::new("tar").arg("-xzf").arg(&archive).arg(&member).current_dir(work))?;
    Ok(())
}
