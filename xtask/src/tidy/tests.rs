use super::dependencies::{self, Package};
use super::{Problem, SourceFile, files, map};

fn package(name: &str, folder: &str, dependencies: &[&str]) -> Package {
    Package {
        name: name.to_owned(),
        folder: folder.to_owned(),
        dependencies: dependencies.iter().map(|one| (*one).to_owned()).collect(),
    }
}

fn file(path: &str, text: &str) -> SourceFile {
    SourceFile { path: path.to_owned(), text: text.to_owned() }
}

fn shown(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

fn workspace() -> Vec<Package> {
    vec![
        package("base", "crates/base", &["serde"]),
        package("scim", "crates/identity/scim", &["base"]),
        package("sql", "crates/warehouse/sql", &["base", "sqlparser"]),
        package("query", "crates/warehouse/query", &["sql", "engine"]),
        package("engine", "crates/engines/engine", &["base"]),
        package("engine-duckdb", "crates/engines/engine-duckdb", &["engine", "duckdb", "libduckdb-sys"]),
        package("http-aws", "crates/edge/http-aws", &["axum", "quick-xml", "query"]),
        package("store", "crates/store", &["sqlx", "scim"]),
        package("gatehouse", "crates/gatehouse", &["engine-duckdb", "store", "http-aws", "axum"]),
    ]
}

#[test]
fn the_design_s_dependencies_are_right() {
    assert_eq!(dependencies::check(&workspace()), []);
}

#[test]
fn each_forbidden_dependency_is_found() {
    let wrong = [
        ("scim", "sql"),
        ("scim", "engine"),
        ("scim", "http-aws"),
        ("scim", "store"),
        ("sql", "engine"),
        ("sql", "engine-duckdb"),
        ("query", "engine-duckdb"),
        ("query", "store"),
        ("http-aws", "store"),
        ("http-aws", "engine-duckdb"),
        ("base", "scim"),
        ("engine", "duckdb"),
        ("query", "sqlx"),
        ("query", "axum"),
        ("query", "sqlparser"),
        ("scim", "quick-xml"),
        ("gatehouse", "libduckdb-sys"),
        ("store", "http-aws"),
    ];
    for (from, to) in wrong {
        let mut packages = workspace();
        for one in packages.iter_mut().filter(|one| one.name == from) {
            one.dependencies.push(to.to_owned());
        }
        let found = shown(&dependencies::check(&packages));
        assert_eq!(found.len(), 1, "{from} -> {to}: {found:?}");
        assert!(found[0].contains(&format!("{from} depends on {to}; ")), "{found:?}");
    }
}

#[test]
fn a_file_has_at_most_600_lines() {
    let tree = [file("a.rs", &"x\n".repeat(600)), file("b.rs", &"x\n".repeat(601)), file("c.sql", &"x\n".repeat(900))];
    assert_eq!(shown(&files::sizes(&tree)), ["b.rs:601: 601 lines; split it, 600 are the most"]);
    assert_eq!(files::long(&tree), 2);
}

#[test]
fn markers_are_found_with_their_line() {
    let text = format!("fn a() {{\n    {}!()\n}}\n// {}x\n", concat!("to", "do"), concat!("/wo", "rk/"));
    let found = shown(&files::markers(&[file("a.rs", &text)]));
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("a.rs:2: ") && found[1].starts_with("a.rs:4: "), "{found:?}");
    assert_eq!(files::markers(&[file("a.rs", "#[expect(dead_code, reason = \"x\")]")]), []);
}

#[test]
fn the_code_map_names_what_exists_and_every_crate() {
    let text = "# A\n\n| folder | what |\n|---|---|\n| `crates/base` | ids |\n| `gone` | x |\n\n`not/a/row`\n";
    let packages = [package("base", "crates/base", &[]), package("scim", "crates/identity/scim", &[])];
    let found = shown(&map::architecture(&file("A.md", text), &packages, &|path| path == "crates/base"));
    assert_eq!(
        found,
        [
            "A.md:6: `gone` doesn't exist; take the row out",
            "A.md:1: the crate `crates/identity/scim` is not in the code map; add a row with what it is",
        ]
    );
}

#[test]
fn a_rule_names_a_function_that_exists() {
    let text = "| rule | function |\n|---|---|\n| a | `http_aws::x::run` |\n| b | `http_aws::x::ru` |\n| c | `other::run` |\n| d | soon |\n";
    let packages = [package("http-aws", "crates/edge/http-aws", &[])];
    let sources =
        [file("crates/edge/http-aws/src/x.rs", "pub fn run<T>() {}"), file("crates/base/src/ru.rs", "fn ru() {}")];
    let found = shown(&map::rules(&file("r.md", text), &packages, &sources));
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found[0].starts_with("r.md:4: ") && found[1].starts_with("r.md:5: ") && found[2].starts_with("r.md:6: "));
}
