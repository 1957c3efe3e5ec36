//! Which crate may depend on which (design.md, section 2).

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};
use serde_json::Value;

use super::Problem;

/// A crate of the workspace.
#[derive(Debug, Clone)]
pub(super) struct Package {
    pub(super) name: String,
    /// Relative to the workspace, e.g. `crates/identity/scim`.
    pub(super) folder: String,
    /// What it is built from; what only its tests use is left out.
    pub(super) dependencies: Vec<String>,
}

/// Crates that have one home: the crate, and the folders (or crates) that may name it.
const HOMES: [(&str, &[&str]); 17] = [
    ("duckdb", &["crates/engines/engine-duckdb"]),
    ("libduckdb-sys", &["crates/engines/engine-duckdb"]),
    ("sqlx", &["crates/store"]),
    ("axum", &["crates/edge", "crates/gatehouse"]),
    ("sqlparser", &["crates/warehouse/sql"]),
    ("quick-xml", &["crates/edge/http-aws", "crates/identity/saml"]),
    ("saml-rs", &["crates/identity/saml"]),
    ("bergshamra", &["crates/identity/saml"]),
    ("flate2", &["crates/identity/saml"]),
    ("jsonwebtoken", &["crates/identity/oidc", "crates/identity/openid-provider"]),
    ("webauthn-rs", &["crates/identity/mfa"]),
    ("totp-rs", &["crates/identity/mfa"]),
    ("qrcodegen", &["crates/identity/mfa"]),
    ("rustls-native-certs", &["crates/edge/outbound"]),
    ("engine", &["crates/warehouse/query", "crates/engines", "crates/gatehouse", "crates/edge/pgfront"]),
    ("engine-duckdb", &["crates/gatehouse"]),
    ("store", &["crates/gatehouse"]),
];

/// Folders, and the folders that their crates may not depend on.
const FORBIDDEN: [(&str, &[&str]); 7] = [
    (
        "crates/base",
        &[
            "crates/identity",
            "crates/access",
            "crates/warehouse",
            "crates/engines",
            "crates/edge",
            "crates/store",
            "crates/gatehouse",
        ],
    ),
    ("crates/identity", &["crates/warehouse", "crates/engines", "crates/edge", "crates/store", "crates/gatehouse"]),
    ("crates/access", &["crates/warehouse", "crates/engines", "crates/edge", "crates/store", "crates/gatehouse"]),
    ("crates/warehouse", &["crates/edge", "crates/store", "crates/gatehouse"]),
    ("crates/engines", &["crates/edge", "crates/store", "crates/gatehouse"]),
    ("crates/edge", &["crates/store", "crates/gatehouse"]),
    ("crates/store", &["crates/edge", "crates/gatehouse", "crates/engines"]),
];

/// Asks cargo for the crates of the workspace.
pub(super) fn packages(root: &Path) -> anyhow::Result<Vec<Package>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .current_dir(root)
        .output()
        .context("cargo metadata can't be started")?;
    if !output.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let packages = metadata.get("packages").and_then(Value::as_array).context("cargo metadata names no packages")?;
    packages.iter().map(|package| read(package, root)).collect()
}

fn read(package: &Value, root: &Path) -> anyhow::Result<Package> {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let name = text(package, "name").context("a package without a name")?;
    let manifest = text(package, "manifest_path").context("a package without a manifest")?;
    let folder = Path::new(&manifest).parent().unwrap_or(root);
    let folder = folder.strip_prefix(root).unwrap_or(folder).to_string_lossy().replace('\\', "/");
    let dependencies =
        package.get("dependencies").and_then(Value::as_array).context("a package without dependencies")?;
    let dependencies = dependencies
        .iter()
        .filter(|dependency| text(dependency, "kind").as_deref() != Some("dev"))
        .filter_map(|dependency| text(dependency, "name"))
        .collect();
    Ok(Package { name, folder, dependencies })
}

pub(super) fn check(packages: &[Package]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for package in packages {
        for dependency in &package.dependencies {
            problems.extend(check_one(package, dependency, packages));
        }
    }
    problems
}

fn check_one(package: &Package, dependency: &str, packages: &[Package]) -> Option<Problem> {
    let manifest = format!("{}/Cargo.toml", package.folder);
    let what = format!("{} depends on {dependency}", package.name);
    if let Some((_, homes)) = HOMES.iter().find(|(name, _)| *name == dependency)
        && !homes.iter().any(|home| is_in(&package.folder, home))
    {
        return Some(Problem::new(manifest, 1, what, format!("only {} may", homes.join(", "))));
    }
    let target = packages.iter().find(|other| other.name == dependency)?;
    let (from, to) = FORBIDDEN
        .iter()
        .filter(|(from, _)| is_in(&package.folder, from))
        .find_map(|(from, forbidden)| forbidden.iter().find(|to| is_in(&target.folder, to)).map(|to| (*from, *to)))?;
    Some(Problem::new(
        manifest,
        1,
        what,
        format!("{from} may not depend on {to}: define a port and let gatehouse wire it"),
    ))
}

/// Whether `folder` is `parent` or below it.
fn is_in(folder: &str, parent: &str) -> bool {
    folder.strip_prefix(parent).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
