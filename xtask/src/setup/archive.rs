//! Archives from package registries: fetched, compared with their pinned checksum, and only then unpacked.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

use super::{execute, is_stamped, say, stamp, tools_dir};

/// Where an archive comes from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Registry {
    /// `PACKAGE@VERSION`
    Npm(&'static str),
    /// The path below `https://repo1.maven.org/maven2/`
    Maven(&'static str),
}

/// A folder below `.tools/` whose content comes from one archive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Archive {
    /// The folder's name.
    pub(super) name: &'static str,
    pub(super) registry: Registry,
    /// In hexadecimal digits (npm's lock files write the same in base64).
    pub(super) sha512: &'static str,
    /// What is taken of it; everything when empty.
    pub(super) members: &'static [&'static str],
}

impl Archive {
    /// Fetches it, unless the folder has it.
    pub(super) fn setup(&self) -> anyhow::Result<()> {
        let folder = tools_dir().join(self.name);
        let pin = format!("{:?} sha512 {}", self.registry, self.sha512);
        if is_stamped(&folder, &pin) {
            return Ok(());
        }
        let work = tools_dir().join(format!("{}.new", self.name));
        remove(&work)?;
        fs::create_dir_all(&work)?;
        let outcome = self.fetch(&work).and_then(|archive| {
            verify(&archive, self.sha512)?;
            execute(Command::new("tar").arg("-xzf").arg(&archive).args(self.members).current_dir(&work))?;
            fs::remove_file(&archive)?;
            stamp(&work, &pin)?;
            remove(&folder)?;
            fs::rename(&work, &folder).with_context(|| format!("{} can't be put in place", self.name))
        });
        remove(&work)?;
        outcome
    }

    fn fetch(&self, work: &Path) -> anyhow::Result<PathBuf> {
        match self.registry {
            Registry::Npm(package) => npm(package, work),
            Registry::Maven(path) => {
                say(&format!("setup: fetching {path} (Maven Central)"));
                let archive = work.join("archive.tar.gz");
                let program = "import sys, urllib.request; urllib.request.urlretrieve(sys.argv[1], sys.argv[2])";
                let address = format!("https://repo1.maven.org/maven2/{path}");
                execute(Command::new("python3").args(["-c", program, &address]).arg(&archive))?;
                Ok(archive)
            }
        }
    }
}

/// Packs `package` (`NAME@VERSION`) into `work` and says where.
pub(super) fn npm(package: &str, work: &Path) -> anyhow::Result<PathBuf> {
    say(&format!("setup: fetching {package} (npm)"));
    let name = execute(Command::new("npm").args(["pack", "--silent", package]).current_dir(work))?;
    Ok(work.join(name.lines().last().unwrap_or_default().trim()))
}

pub(super) fn verify(archive: &Path, sha512: &str) -> anyhow::Result<()> {
    let sums = execute(Command::new("sha512sum").arg("--").arg(archive))?;
    let found = sums.split_whitespace().next().unwrap_or_default();
    if found != sha512 {
        bail!("{} isn't the archive that was pinned: its SHA-512 is {found}, not {sha512}", archive.display());
    }
    Ok(())
}

pub(super) fn remove(folder: &Path) -> anyhow::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("{} can't be removed", folder.display()))?;
    }
    Ok(())
}
