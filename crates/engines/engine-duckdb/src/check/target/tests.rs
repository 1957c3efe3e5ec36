use super::{of_create, of_insert};

fn target(schema: &str, name: &str) -> Option<(String, String)> {
    Some((schema.to_owned(), name.to_owned()))
}

#[test]
fn the_target_of_insert() {
    assert_eq!(of_insert(r#"INSERT INTO "s"."t" ("a") SELECT 1"#), target("s", "t"));
    assert_eq!(of_insert("insert into s.t(a) select 1"), target("s", "t"));
    for other in [
        r#"INSERT INTO "t" SELECT 1"#,
        r#"INSERT INTO "d"."s"."t" SELECT 1"#,
        r#"INSERT OR REPLACE INTO "s"."t" SELECT 1"#,
        r#"WITH x AS (SELECT 1) INSERT INTO "s"."t" SELECT 1"#,
        r#"INSERT INTO "s"/**/."t" SELECT 1"#,
        r#"INSERT INTO "s"."t"/**/."u" SELECT 1"#,
        r#"INSERT INTO "s"."t""#,
    ] {
        assert_eq!(of_insert(other), None, "{other}");
    }
}

#[test]
fn the_target_of_create() {
    assert_eq!(of_create(r#"CREATE TABLE "s"."n" AS SELECT 1"#), target("s", "n"));
    assert_eq!(of_create(r#"CREATE TABLE IF NOT EXISTS "s"."n"("a") AS SELECT 1"#), target("s", "n"));
    for other in [
        r#"CREATE OR REPLACE TABLE "s"."n" AS SELECT 1"#,
        r#"CREATE TEMP TABLE "s"."n" AS SELECT 1"#,
        r#"CREATE TABLE "n" AS SELECT 1"#,
        r#"CREATE VIEW "s"."n" AS SELECT 1"#,
    ] {
        assert_eq!(of_create(other), None, "{other}");
    }
}
