//! The code map in ARCHITECTURE.md and the rules in docs/rules.md name what exists.

use super::dependencies::Package;
use super::{Problem, SourceFile};

/// Every crate's folder is in the map, and every folder of the map exists.
pub(super) fn architecture(map: &SourceFile, packages: &[Package], exists: &dyn Fn(&str) -> bool) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut named = Vec::new();
    for (number, cells) in rows(map) {
        let Some(path) = cells.first().and_then(|cell| quoted(cell).into_iter().next()) else { continue };
        if !exists(&path) {
            problems.push(Problem::new(&map.path, number, format!("`{path}` doesn't exist"), "take the row out"));
        }
        named.push(path);
    }
    for package in packages.iter().filter(|package| !named.contains(&package.folder)) {
        let what = format!("the crate `{}` is not in the code map", package.folder);
        problems.push(Problem::new(&map.path, 1, what, "add a row with what it is"));
    }
    problems
}

/// Every row names, in its last cell, functions (`crate::module::function`) that exist.
pub(super) fn rules(table: &SourceFile, packages: &[Package], sources: &[SourceFile]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (number, cells) in rows(table) {
        let names: Vec<String> = cells
            .last()
            .map(|cell| quoted(cell))
            .unwrap_or_default()
            .into_iter()
            .filter(|name| name.contains("::"))
            .collect();
        if names.is_empty() {
            let what = "a rule without a function";
            problems.push(Problem::new(&table.path, number, what, "name it as `crate::module::function`"));
        }
        for name in names.iter().filter(|name| !is_function(name, packages, sources)) {
            let what = format!("`{name}` is no function of the workspace");
            problems.push(Problem::new(&table.path, number, what, "name the function that holds the rule"));
        }
    }
    problems
}

fn is_function(name: &str, packages: &[Package], sources: &[SourceFile]) -> bool {
    let (Some((crate_name, _)), Some((_, function))) = (name.split_once("::"), name.rsplit_once("::")) else {
        return false;
    };
    let function = function.trim_end_matches("()");
    let Some(package) = packages.iter().find(|package| package.name.replace('-', "_") == crate_name.replace('-', "_"))
    else {
        return false;
    };
    let folder = format!("{}/src/", package.folder);
    sources.iter().filter(|file| file.path.starts_with(&folder)).any(|file| defines(&file.text, function))
}

/// Whether a text has `fn name` followed by something that isn't part of a name.
fn defines(text: &str, name: &str) -> bool {
    let start = format!("fn {name}");
    text.match_indices(&start).any(|(at, _)| {
        let next = text.get(at + start.len()..).and_then(|rest| rest.chars().next());
        next.is_some_and(|next| !next.is_alphanumeric() && next != '_')
    })
}

/// The cells of each row of the tables, without the heads and the lines below them.
fn rows(document: &SourceFile) -> Vec<(usize, Vec<String>)> {
    let lines: Vec<(usize, &str)> = document.lines().collect();
    let is_rule = |line: &str| line.starts_with('|') && line.chars().all(|one| matches!(one, '|' | '-' | ':' | ' '));
    let mut found = Vec::new();
    let mut in_table = false;
    for (number, line) in lines {
        if !line.starts_with('|') {
            in_table = false;
        } else if is_rule(line) {
            in_table = true;
        } else if in_table {
            let cells = line.trim().trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
            found.push((number, cells));
        }
    }
    found
}

/// What stands between backquotes.
fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}
