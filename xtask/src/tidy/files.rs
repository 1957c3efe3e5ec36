//! Sizes of files, and words that have no place in them.

use std::fs;
use std::path::Path;

use anyhow::Context as _;

use super::{Problem, SourceFile};

/// No file is longer.
pub(super) const MAX_LINES: usize = 600;

/// Files longer than this are counted.
pub(super) const LONG_LINES: usize = 400;

const EXTENSIONS: [&str; 6] = ["rs", "py", "ts", "tsx", "sql", "toml"];

/// Whose lines are counted.
const CODE: [&str; 4] = [".rs", ".py", ".ts", ".tsx"];

/// Folders of what is built, fetched or made while running.
const SKIPPED: [&str; 6] = ["target", "node_modules", "dist", "gatehouse-data", "__pycache__", "venv"];

/// Every source file of the tree, sorted by path.
pub(super) fn read(root: &Path) -> anyhow::Result<Vec<SourceFile>> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).with_context(|| format!("{} can't be read", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let (path, kind) = (entry.path(), entry.file_type()?);
            let name = entry.file_name().to_string_lossy().into_owned();
            if kind.is_dir() && !name.starts_with('.') && !SKIPPED.contains(&name.as_str()) {
                folders.push(path);
            } else if kind.is_file() && path.extension().is_some_and(|own| EXTENSIONS.iter().any(|one| own == *one)) {
                let text = fs::read_to_string(&path).with_context(|| format!("{} can't be read", path.display()))?;
                let path = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
                found.push(SourceFile { path, text });
            }
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

fn is_code(file: &SourceFile) -> bool {
    CODE.iter().any(|ending| file.path.ends_with(ending))
}

pub(super) fn sizes(files: &[SourceFile]) -> Vec<Problem> {
    files
        .iter()
        .filter(|file| is_code(file))
        .filter_map(|file| {
            let lines = file.text.lines().count();
            (lines > MAX_LINES).then(|| {
                Problem::new(&file.path, lines, format!("{lines} lines"), format!("split it, {MAX_LINES} are the most"))
            })
        })
        .collect()
}

/// How many code files are over [`LONG_LINES`].
pub(super) fn long(files: &[SourceFile]) -> usize {
    files.iter().filter(|file| is_code(file) && file.text.lines().count() > LONG_LINES).count()
}

/// What must not be in a file, and what to do instead. In pieces, so that this file doesn't hold them.
const MARKERS: [(&str, &str); 9] = [
    (concat!("to", "do!("), "finish it"),
    (concat!("unimple", "mented!("), "finish it, or refuse it by name"),
    (concat!("#[ig", "nore"), "make the test run, or delete it"),
    (concat!("pytest.mark.s", "kip"), "make the test run, or delete it"),
    (concat!("assert!(", "true"), "assert something that can fail"),
    (concat!("#[al", "low("), "use expect with a reason"),
    (concat!("#![al", "low("), "use expect with a reason"),
    (concat!("/wo", "rk/"), "no path of one machine"),
    (concat!("/ro", "ot/"), "no path of one machine"),
];

pub(super) fn markers(files: &[SourceFile]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in files {
        for (number, line) in file.lines() {
            for (marker, remedy) in MARKERS.iter().filter(|(marker, _)| line.contains(marker)) {
                problems.push(Problem::new(&file.path, number, format!("`{marker}`"), *remedy));
            }
        }
    }
    problems
}
