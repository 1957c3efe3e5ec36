//! `cargo xtask setup`: everything that a build and the tests need and cargo doesn't bring.
//!
//! Each item has a pin and leaves a stamp with it, so that a second run takes milliseconds. All but Debian's packages is
//! below `.tools/`, which git ignores.

mod archive;
mod debian;
mod duckdb;
mod jdbc;
mod peers;
mod python;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

use crate::steps::{root, say};

/// Brings what is missing. Errors with what a person can do about it.
pub(crate) fn run() -> anyhow::Result<()> {
    fs::create_dir_all(tools_dir()).with_context(|| format!("{} can't be made", tools_dir().display()))?;
    debian::setup()?;
    duckdb::setup()?;
    python::setup()?;
    jdbc::setup()?;
    peers::setup()
}

/// The folder of everything that setup brings.
pub(crate) fn tools_dir() -> PathBuf {
    root().join(".tools")
}

/// Python with the current clients and pytest.
pub(crate) fn python() -> PathBuf {
    tools_dir().join("py/bin/python")
}

/// Python with the driver's 2.1 line.
pub(crate) fn python_2_1() -> PathBuf {
    tools_dir().join("py21/bin/python")
}

/// Python with the SCIM conformance tests and a SCIM server to measure beside: their dependencies aren't the drivers'.
pub(crate) fn python_scim() -> PathBuf {
    tools_dir().join("scim/bin/python")
}

/// Python with nanoidp, a second identity provider: its dependencies aren't the drivers'.
pub(crate) fn python_nanoidp() -> PathBuf {
    tools_dir().join("nanoidp/bin/python")
}

/// Runs to the end; errors with the command and what it said.
fn execute(command: &mut Command) -> anyhow::Result<String> {
    let shown = format!("{command:?}");
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("{shown} can't be started"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{shown} failed ({}):\n{}", output.status, said.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether the item in `folder` is the one of this pin.
fn is_stamped(folder: &Path, pin: &str) -> bool {
    fs::read_to_string(folder.join(".stamp")).is_ok_and(|stamp| stamp == pin)
}

/// Written last: an item whose making was cut off has none.
fn stamp(folder: &Path, pin: &str) -> anyhow::Result<()> {
    fs::write(folder.join(".stamp"), pin).with_context(|| format!("no stamp can be written to {}", folder.display()))
}
