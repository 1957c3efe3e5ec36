//! Redshift's JDBC driver with the parts of the AWS SDK that it asks for, and sqlline, a SQL client on JDBC: jars of Maven Central.
//! `jdbc.lock` has what Maven resolves for redshift-jdbc42, the SDK's redshift, redshiftserverless, sts and ssooidc, jackson-databind, and sqlline.

use std::fs;
use std::process::Command;

use anyhow::Context as _;

use super::archive::remove;
use super::{execute, is_stamped, say, stamp, tools_dir};

const LOCK: &str = include_str!("jdbc.lock");
const FETCH: &str = include_str!("jdbc_fetch.py");

pub(super) fn setup() -> anyhow::Result<()> {
    let folder = tools_dir().join("jdbc");
    if is_stamped(&folder, LOCK) {
        return Ok(());
    }
    say("setup: fetching redshift-jdbc42 and sqlline (Maven Central)");
    let work = tools_dir().join("jdbc.new");
    remove(&work)?;
    fs::create_dir_all(&work)?;
    let lock = work.join("jdbc.lock");
    fs::write(&lock, LOCK)?;
    execute(Command::new("python3").args(["-c", FETCH]).arg(&lock).arg(&work))?;
    stamp(&work, LOCK)?;
    remove(&folder)?;
    fs::rename(&work, &folder).context("the JDBC driver can't be put in place")
}
