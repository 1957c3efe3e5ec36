//! `cargo xtask tidy`: the house rules that no compiler knows.

mod dependencies;
mod files;
mod map;

#[cfg(test)]
mod tests;

use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::bail;

use crate::steps;

/// A rule that is broken, where, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Problem {
    path: String,
    /// 1-based.
    line: usize,
    what: String,
    remedy: String,
}

impl Problem {
    fn new(path: impl Into<String>, line: usize, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { path: path.into(), line, what: what.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}; {}", self.path, self.line, self.what, self.remedy)
    }
}

/// A file of the tree, its path relative to the workspace with `/`.
#[derive(Debug, Clone)]
struct SourceFile {
    path: String,
    text: String,
}

impl SourceFile {
    /// 1-based lines.
    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }
}

/// Checks the dependencies between crates, the sizes of files, the maps in ARCHITECTURE.md and docs/rules.md, and markers that
/// have no place in finished code. Each problem is a line `path:line: what; what to do`.
///
/// # Errors
///
/// When there is any problem, and when `cargo metadata` or the tree can't be read.
pub(crate) fn run() -> anyhow::Result<()> {
    let root = steps::root();
    let packages = dependencies::packages(&root)?;
    let sources = files::read(&root)?;
    let mut problems = dependencies::check(&packages);
    problems.extend(files::sizes(&sources));
    problems.extend(files::markers(&sources));
    match document(&root, "ARCHITECTURE.md") {
        Ok(code_map) => problems.extend(map::architecture(&code_map, &packages, &|path| root.join(path).exists())),
        Err(missing) => problems.push(missing),
    }
    match document(&root, "docs/rules.md") {
        Ok(rules) => problems.extend(map::rules(&rules, &packages, &sources)),
        Err(missing) => problems.push(missing),
    }
    for problem in &problems {
        steps::say(&problem.to_string());
    }
    let long = files::long(&sources);
    steps::say(&format!("tidy: {} files, {long} of them over {} lines", sources.len(), files::LONG_LINES));
    match problems.len() {
        0 => Ok(()),
        count => bail!("tidy found {count} problem(s)"),
    }
}

fn document(root: &Path, path: &str) -> Result<SourceFile, Problem> {
    match fs::read_to_string(root.join(path)) {
        Ok(text) => Ok(SourceFile { path: path.to_owned(), text }),
        Err(error) => Err(Problem::new(path, 1, format!("can't be read ({error})"), "write it")),
    }
}
