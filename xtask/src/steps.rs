//! What the commands are made of: programs run one after the other, with the time each took.

use std::ffi::OsStr;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use crate::{fuzz, setup, tidy};

/// One line for the person at the terminal.
#[expect(clippy::print_stderr, reason = "a command line talks to its user on standard error")]
pub(crate) fn say(line: &str) {
    eprintln!("{line}");
}

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

pub(crate) fn up(options: &[String]) -> anyhow::Result<()> {
    setup::run()?;
    cargo(&["build", "--package", "gatehouse"])?;
    let error = Command::new(binary("debug")?).args(["up", "--demo"]).args(options).exec();
    Err(error).context("the built gatehouse can't be started")
}

pub(crate) fn test() -> anyhow::Result<()> {
    let mut timed = Timed::default();
    timed.step("setup", setup::run)?;
    timed.step("tidy", tidy::run)?;
    timed.step("format", || cargo(&["fmt", "--all", "--check"]))?;
    timed.step("lints", || cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    timed.step("unit tests", || cargo(&["test", "--workspace", "--quiet"]))?;
    timed.step("fuzzing", || ["scim", "saml", "policy"].into_iter().try_for_each(fuzz::smoke))?;
    timed.step("build", || cargo(&["build", "--package", "gatehouse"]))?;
    let outcome = timed.step("real clients", real_clients);
    timed.report();
    outcome
}

fn real_clients() -> anyhow::Result<()> {
    let mut command = Command::new(setup::tools_dir().join("py/bin/python"));
    command.args(["-m", "pytest", "-q", "tests/e2e"]).env("GATEHOUSE_BINARY", binary("debug")?);
    execute(&mut command)
}

pub(crate) fn bench(options: &[String]) -> anyhow::Result<()> {
    setup::run()?;
    cargo(&["build", "--release", "--package", "gatehouse"])?;
    let mut command = Command::new(setup::tools_dir().join("py/bin/python"));
    command.arg("bench/run.py").args(options).env("GATEHOUSE_BINARY", binary("release")?);
    execute(&mut command)
}

fn binary(profile: &str) -> anyhow::Result<PathBuf> {
    Ok(target_directory()?.join(profile).join("gatehouse"))
}

/// Where cargo puts what it builds.
pub(crate) fn target_directory() -> anyhow::Result<PathBuf> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .current_dir(root())
        .output()?;
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let target = metadata.get("target_directory").and_then(|value| value.as_str());
    Ok(PathBuf::from(target.context("cargo metadata names no target directory")?))
}

fn cargo(arguments: &[&str]) -> anyhow::Result<()> {
    execute(Command::new(env!("CARGO")).args(arguments))
}

fn execute(command: &mut Command) -> anyhow::Result<()> {
    let program = command.get_program().to_os_string();
    let status =
        command.current_dir(root()).status().with_context(|| format!("{} can't be started", shown(&program)))?;
    if !status.success() {
        let arguments: Vec<_> = command.get_args().map(shown).collect();
        bail!("{} {} failed ({status})", shown(&program), arguments.join(" "));
    }
    Ok(())
}

fn shown(text: &OsStr) -> String {
    text.to_string_lossy().into_owned()
}

/// How long each step took.
#[derive(Default)]
struct Timed(Vec<(&'static str, Duration)>);

impl Timed {
    fn step(&mut self, name: &'static str, step: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<()> {
        say(&format!("== {name}"));
        let started = Instant::now();
        let outcome = step();
        self.0.push((name, started.elapsed()));
        outcome.with_context(|| name.to_owned())
    }

    fn report(&self) {
        for (name, took) in &self.0 {
            say(&format!("{name:<14}{:>8.1} s", took.as_secs_f64()));
        }
    }
}
