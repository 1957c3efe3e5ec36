//! `cargo xtask fuzz [TARGET] [SECONDS]`: LLVM's fuzzer over a target of `fuzz/`, on the stable compiler.
//!
//! The coverage counters are ordinary code generation options; only the sanitizers would need a nightly compiler, and there is
//! no unsafe code to look after. What is found is kept in `fuzz/artifacts/`; `fuzz/corpus/` holds what it starts from.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::steps::{root, say};

/// Long enough to go through what was found before and a while beyond.
const SECONDS_DEFAULT: u32 = 60;
/// Inputs of the test that CI runs. They begin with the same seed; hash maps make the rest differ a little from run to run.
const SMOKE_RUNS: u32 = 200_000;
/// Bytes of an input.
const LONGEST_INPUT: u32 = 4096;

const COVERAGE: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=1",
    "--cfg=fuzzing",
];

pub(crate) fn run(arguments: &[String]) -> anyhow::Result<()> {
    let target = arguments.first().map_or("scim", String::as_str);
    let seconds = match arguments.get(1) {
        Some(text) => text.parse().with_context(|| format!("{text} is no number of seconds"))?,
        None => SECONDS_DEFAULT,
    };
    say(&format!("fuzz: {target} for {seconds} s"));
    // What this run finds new goes to a folder that git ignores, and the next one goes on from there.
    go(target, &root().join("fuzz/found").join(target), &[format!("-max_total_time={seconds}")])
}

/// A bounded run from the committed corpus on, whatever was found on this machine before.
pub(crate) fn smoke(target: &str) -> anyhow::Result<()> {
    let found = crate::steps::target_directory()?.join("fuzz/smoke").join(target);
    if found.exists() {
        std::fs::remove_dir_all(&found)?;
    }
    go(target, &found, &[format!("-runs={SMOKE_RUNS}"), "-seed=1".to_owned()])
}

/// `found` takes what is new.
fn go(target: &str, found: &Path, how_long: &[String]) -> anyhow::Result<()> {
    let folder = root().join("fuzz");
    let binary = build(&folder, target)?;
    let artifacts = folder.join("artifacts").join(target);
    for made in [artifacts.as_path(), found] {
        std::fs::create_dir_all(made)?;
    }
    let log = found.with_extension("log");
    let status = Command::new(binary)
        .args(how_long)
        .arg(format!("-max_len={LONGEST_INPUT}"))
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .arg("-verbosity=0")
        .arg(found)
        .args(seeds(&folder, target))
        .stderr(File::create(&log)?)
        .status()?;
    if !status.success() {
        let (log, artifacts) = (log.display(), artifacts.display());
        bail!("{target} fails ({status}); {log} says where, the input is in {artifacts}");
    }
    say("fuzz: nothing found");
    Ok(())
}

/// What it starts from.
fn seeds(folder: &Path, target: &str) -> Vec<PathBuf> {
    let mut seeds = vec![folder.join("corpus").join(target)];
    if target == "saml" {
        // The attacks that the crate's own tests replay.
        seeds.push(root().join("crates/identity/saml/tests/corpus"));
    }
    seeds
}

fn build(folder: &Path, target: &str) -> anyhow::Result<PathBuf> {
    // Beside the other target directory, wherever that is: the flags make everything anew.
    let directory = crate::steps::target_directory()?.join("fuzz");
    // A target named aloud keeps the flags from build scripts, which have nothing that would take the counters.
    let triple = host()?;
    let status = Command::new(env!("CARGO"))
        .args(["build", "--release", "--quiet", "--bin", target, "--target", &triple])
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", &directory)
        .env("RUSTFLAGS", COVERAGE.join(" "))
        .status()?;
    if !status.success() {
        bail!("the fuzz target {target} can't be built");
    }
    Ok(directory.join(triple).join("release").join(target))
}

/// E.g. `x86_64-unknown-linux-gnu`.
fn host() -> anyhow::Result<String> {
    let output = Command::new("rustc").arg("-vV").output().context("rustc can't be started")?;
    let said = String::from_utf8_lossy(&output.stdout);
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc -vV names no host")?.to_owned())
}
