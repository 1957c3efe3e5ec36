//! The clients' Python environments, from requirement files that pin every package.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

use super::{execute, is_stamped, python, python_2_1, python_nanoidp, python_scim, say, stamp};
use crate::steps::root;

pub(super) fn setup() -> anyhow::Result<()> {
    let imports = "import boto3, psycopg, pytest, redshift_connector";
    environment(&python(), "tests/e2e/requirements.txt", imports)?;
    environment(&python_2_1(), "tests/e2e/requirements-2.1.txt", "import redshift_connector")?;
    environment(&python_scim(), "tests/e2e/requirements-scim.txt", "import scim2_cli, scim2_tester, scim2_server")?;
    environment(&python_nanoidp(), "tests/e2e/requirements-nanoidp.txt", "import nanoidp")
}

/// `interpreter` is `FOLDER/bin/python`. A changed requirements file, or another Python, makes it anew.
fn environment(interpreter: &Path, requirements: &str, imports: &str) -> anyhow::Result<()> {
    let folder = interpreter.parent().and_then(Path::parent).context("an environment has a folder")?;
    let file = root().join(requirements);
    let wanted = fs::read_to_string(&file).with_context(|| format!("{} can't be read", file.display()))?;
    if is_stamped(folder, &wanted) && interpreter.exists() {
        return Ok(());
    }
    say(&format!("setup: making {} from {requirements} (pip)", folder.display()));
    execute(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder))?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--requirement"];
    execute(Command::new(interpreter).args(pip).arg(&file))?;
    execute(Command::new(interpreter).args(["-c", imports]))?;
    stamp(folder, &wanted)
}
