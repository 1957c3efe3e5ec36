//! Programs of Debian's packages.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::bail;

use super::{execute, say};

/// Whether what we need of a package is there already.
type Present = fn() -> bool;

const PACKAGES: [(&str, Present); 11] = [
    ("openssl", || on_path("openssl")),
    ("npm", || on_path("npm")),
    ("python3-venv", has_venv),
    ("postgresql-client", || on_path("psql")),
    ("postgresql", has_postgres),
    ("chromium", || on_path("chromium")),
    // Keycloak's, and the JDBC driver's: its test programs are compiled
    ("openjdk-17-jdk-headless", || on_path("javac")),
    // SimpleSAMLphp's
    ("php-cgi", || on_path("php-cgi")),
    ("php-cli", || on_path("php")),
    ("php-xml", || Path::new("/usr/share/doc/php-xml").is_dir()),
    ("simplesamlphp", || Path::new("/usr/share/simplesamlphp/www").is_dir()),
];

pub(super) fn setup() -> anyhow::Result<()> {
    let missing: Vec<&str> = PACKAGES.iter().filter(|(_, present)| !present()).map(|(package, _)| *package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let by_hand = format!("apt-get update && apt-get install -y --no-install-recommends {}", missing.join(" "));
    let Some(rights) = rights() else {
        bail!("these packages are missing, and neither root's rights nor sudo is at hand; run as root:\n  {by_hand}");
    };
    say(&format!("setup: installing {} (apt-get)", missing.join(", ")));
    execute(apt(rights).arg("update"))?;
    execute(apt(rights).args(["install", "-y", "--no-install-recommends"]).args(&missing))?;
    for (package, present) in PACKAGES {
        if missing.contains(&package) && !present() {
            bail!("{package} was installed, but what we need of it isn't there; try by hand:\n  {by_hand}");
        }
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Rights {
    Root,
    Sudo,
}

fn rights() -> Option<Rights> {
    if !on_path("apt-get") {
        return None;
    }
    let id = execute(Command::new("id").arg("-u")).unwrap_or_default();
    if id.trim() == "0" {
        return Some(Rights::Root);
    }
    succeeds(Command::new("sudo").args(["-n", "true"])).then_some(Rights::Sudo)
}

fn apt(rights: Rights) -> Command {
    match rights {
        Rights::Root => {
            let mut command = Command::new("apt-get");
            command.env("DEBIAN_FRONTEND", "noninteractive");
            command
        }
        Rights::Sudo => {
            let mut command = Command::new("sudo");
            command.args(["-n", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
            command
        }
    }
}

fn on_path(program: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(program).is_file()))
}

fn has_venv() -> bool {
    succeeds(Command::new("python3").args(["-c", "import venv, ensurepip"]))
}

/// Debian keeps the server's programs off the path, one folder a version.
fn has_postgres() -> bool {
    let versions = std::fs::read_dir(Path::new("/usr/lib/postgresql"));
    on_path("postgres")
        || versions
            .is_ok_and(|versions| versions.flatten().any(|version| version.path().join("bin/postgres").is_file()))
}

fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}
