//! The project's own commands: `cargo xtask setup | up | test | tidy | bench | fuzz`.

mod fuzz;
mod setup;
mod steps;
mod tidy;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  up [OPTIONS]   set up, build, and start the demo organisation (`gatehouse up --demo OPTIONS`)
  test           everything that CI runs: tidy, format, lints, unit tests, real clients end to end
  ci             the same
  setup          only bring what is missing: libduckdb, Python environments, apt packages
  tidy           only check the house rules that no compiler knows
  fuzz [T [S]]   look for inputs that break target T (scim, saml, policy) for S seconds
  bench          measure, beside the peers of bench/README.md
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.split_first() {
        Some((command, rest)) => run(command, rest),
        None => Err(anyhow::anyhow!("a command is missing\n\n{USAGE}")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            steps::say(&format!("xtask: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(command: &str, rest: &[String]) -> anyhow::Result<()> {
    match command {
        "setup" => setup::run(),
        "up" => steps::up(rest),
        "test" | "ci" => steps::test(),
        "tidy" => tidy::run(),
        "bench" => steps::bench(rest),
        "fuzz" => fuzz::run(rest),
        "help" | "--help" | "-h" => {
            steps::say(USAGE);
            Ok(())
        }
        other => anyhow::bail!("{other:?} is no command\n\n{USAGE}"),
    }
}
