//! The data directory: mode 0700, one server at a time, secrets in files of mode 0600.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use base::Secret;

/// An open data directory. Holds the lock until it is dropped.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
    _lock: File,
}

impl DataDir {
    /// Makes the directory if it isn't there and takes its lock.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let made = DirBuilder::new().mode(0o700).recursive(true).create(path);
        made.with_context(|| format!("the data directory {} can't be made", path.display()))?;
        let path =
            path.canonicalize().with_context(|| format!("the data directory {} can't be read", path.display()))?;
        fs::set_permissions(&path, Permissions::from_mode(0o700))
            .with_context(|| format!("{} can't be closed to others (chmod 0700)", path.display()))?;
        let lock = private_options().create(true).truncate(false).open(path.join("lock"))?;
        if lock.try_lock().is_err() {
            bail!("another gatehouse uses {}; stop it, or choose another --data-dir", path.display());
        }
        Ok(Self { path, _lock: lock })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// A file that others make with the process's own mode: made empty with mode 0600 first, so that nobody can read it ever.
    pub(crate) fn private_file(&self, name: &str) -> anyhow::Result<PathBuf> {
        let path = self.path.join(name);
        private_options()
            .create(true)
            .truncate(false)
            .open(&path)
            .with_context(|| format!("{} can't be made", path.display()))?;
        Ok(path)
    }

    /// The secret in `secrets/NAME`; `make` makes it at the first start.
    pub(crate) fn secret(&self, name: &str, make: impl FnOnce() -> Secret<String>) -> anyhow::Result<Secret<String>> {
        if let Some(secret) = self.existing_secret(name)? {
            return Ok(secret);
        }
        let secret = make();
        self.write_secret(name, &secret)?;
        Ok(secret)
    }

    pub(crate) fn existing_secret(&self, name: &str) -> anyhow::Result<Option<Secret<String>>> {
        let file = self.path.join("secrets").join(name);
        match fs::read_to_string(&file) {
            Ok(text) => Ok(Some(Secret::new(text.trim_end().to_owned()))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("{} can't be read", file.display())),
        }
    }

    pub(crate) fn write_secret(&self, name: &str, secret: &Secret<String>) -> anyhow::Result<()> {
        let folder = self.path.join("secrets");
        DirBuilder::new().mode(0o700).recursive(true).create(&folder)?;
        write_private(&folder.join(name), secret.expose().as_bytes())
    }
}

/// Writes a file of mode 0600 so that it is there whole or not at all, also after a kill -9.
pub(crate) fn write_private(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".new");
    let unfinished = PathBuf::from(unfinished);
    let write = || -> std::io::Result<()> {
        let mut file = private_options().create(true).truncate(true).open(&unfinished)?;
        // A leftover of that name may be open to others.
        file.set_permissions(Permissions::from_mode(0o600))?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&unfinished, path)
    };
    write().with_context(|| format!("{} can't be written", path.display()))
}

fn private_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    options
}

#[cfg(test)]
mod tests;
