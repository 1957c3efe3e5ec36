//! Texts have an end. Every text here was run on DuckDB 1.5.5.

use super::{PEOPLE, SALES};
use crate::fake::{refusal, rendered};
use crate::render::Literal;
use crate::types::DataType;

const TOO_LONG: &str = "error('value too long for type character varying(65535)')";

#[test]
fn a_text_is_measured_before_it_is_built() {
    for (sql, expect) in [
        // a chain is measured once, and what is constant here
        (
            "region || 'é' || big || '-'",
            r#"(CASE WHEN strlen(CAST("sales"."region" AS VARCHAR)) + strlen(CAST("sales"."big" AS VARCHAR)) > 65532 THEN $ ELSE "sales"."region" END || 'é' || "sales"."big" || '-')"#,
        ),
        (
            "'a' || (region || big)",
            r#"(CASE WHEN strlen(CAST("sales"."region" AS VARCHAR)) + strlen(CAST("sales"."big" AS VARCHAR)) > 65534 THEN $ ELSE 'a' END || "sales"."region" || "sales"."big")"#,
        ),
        (
            "upper(region) || 'x'",
            r#"list_transform([{'a0': upper("sales"."region")}], lambda "arguments": (CASE WHEN strlen(CAST("arguments"."a0" AS VARCHAR)) > 65534 THEN $ ELSE "arguments"."a0" END || 'x'))[1]"#,
        ),
        (
            "repeat(region, 3)",
            r#"repeat(CAST("sales"."region" AS VARCHAR), CASE WHEN 3 > 65535 // strlen(CAST("sales"."region" AS VARCHAR)) THEN $ ELSE 3 END)"#,
        ),
        (
            "replicate(upper(region), id)",
            r#"list_transform([{'a0': upper("sales"."region"), 'a1': "sales"."id"}], lambda "arguments": repeat(CAST("arguments"."a0" AS VARCHAR), CASE WHEN "arguments"."a1" > 65535 // strlen(CAST("arguments"."a0" AS VARCHAR)) THEN $ ELSE "arguments"."a1" END))[1]"#,
        ),
        (
            "lpad(region, id, 'y')",
            r#"lpad("sales"."region", CASE WHEN CAST("sales"."id" AS INTEGER) <= 16383 THEN CAST("sales"."id" AS INTEGER) WHEN CAST("sales"."id" AS INTEGER) > 65535 OR strlen(lpad("sales"."region", CASE WHEN CAST("sales"."id" AS INTEGER) > 65535 THEN 65535 ELSE CAST("sales"."id" AS INTEGER) END, 'y')) > 65535 THEN $ ELSE CAST("sales"."id" AS INTEGER) END, 'y')"#,
        ),
        (
            "rpad(region, 3)",
            r#"rpad("sales"."region", CASE WHEN CAST(3 AS INTEGER) <= 16383 THEN CAST(3 AS INTEGER) WHEN CAST(3 AS INTEGER) > 65535 OR strlen(rpad("sales"."region", CASE WHEN CAST(3 AS INTEGER) > 65535 THEN 65535 ELSE CAST(3 AS INTEGER) END, ' ')) > 65535 THEN $ ELSE CAST(3 AS INTEGER) END, ' ')"#,
        ),
        (
            "replace(region, 'a', 'bc')",
            r#"replace("sales"."region", 'a', CASE WHEN strlen("sales"."region") + strlen("sales"."region") // greatest(strlen('a'), 1) * strlen('bc') <= 65535 THEN 'bc' WHEN strlen("sales"."region") + (strlen("sales"."region") - strlen(replace("sales"."region", 'a', ''))) // greatest(strlen('a'), 1) * (strlen('bc') - strlen('a')) > 65535 THEN $ ELSE 'bc' END)"#,
        ),
        (
            "translate(region, 'a', 'é')",
            r#"translate("sales"."region", 'a', CASE WHEN strlen("sales"."region") <= 16383 THEN 'é' WHEN strlen(translate("sales"."region", 'a', 'é')) > 65535 THEN $ ELSE 'é' END)"#,
        ),
        (
            "quote_literal(region)",
            r#"(CASE WHEN strlen(CAST("sales"."region" AS VARCHAR)) <= 32766 THEN '''' WHEN strlen(replace(replace(CAST("sales"."region" AS VARCHAR), '\', '\\'), '''', '''''')) > 65533 THEN $ ELSE '''' END || replace(replace(CAST("sales"."region" AS VARCHAR), '\', '\\'), '''', '''''') || '''')"#,
        ),
    ] {
        let text = rendered(&format!("select {expr} as x from sales", expr = sql), &[]).unwrap();
        let expect = expect.replace('$', TOO_LONG);
        assert!(text.text().starts_with(&format!(r#"SELECT {expect} AS "x" FROM"#)), "{sql}: {}", text.text());
    }
}

#[test]
fn no_constant_and_no_parameter_is_longer_than_a_text_may_be() {
    let long = |bytes: usize| Literal::Text("é".repeat(bytes / 2) + &"x".repeat(bytes % 2));
    assert!(rendered("select upper($1)", &[long(65_535)]).is_ok());
    let too_long = "22001 value too long for type character varying(65535)";
    let typed = Literal::Typed("x".repeat(65_536), DataType::Varchar { length_bytes: 65_535 });
    let literal = |bytes: usize| format!("'{}'", "x".repeat(bytes));
    for (sql, parameter) in [
        ("select upper($1)".to_owned(), long(65_536)),
        ("select upper($1)".to_owned(), typed),
        (format!("select {}", literal(65_536)), Literal::Null),
        (format!("select {}::varchar(5)", literal(65_536)), Literal::Null),
        (format!("select {} || {}", literal(65_535), literal(1)), Literal::Null),
        (format!("select concat({}, {})", literal(65_535), literal(1)), Literal::Null),
        (format!("select to_char(getdate(), '{}')", "-".repeat(65_536)), Literal::Null),
    ] {
        let found = rendered(&sql, &[parameter]).map_or_else(|error| refusal(&error), |text| text.text().to_owned());
        assert_eq!(found, too_long, "{}", sql.get(..40).unwrap_or(&sql));
    }
}

/// The engine takes no name of an expression that may raise an error.
#[test]
fn a_label_that_cannot_be_named_is_written_out() {
    let guarded = r#"(CASE WHEN strlen(CAST("s"."region" AS VARCHAR)) > 65534 THEN $ ELSE "s"."region" END || '-')"#;
    for (sql, expect) in [
        (
            "select region || '-' as k, k = 'a' from sales s where k > 'b' group by k having k = 'c' order by k",
            r#"SELECT @ AS "k", (@ = 'a') AS "?column?" FROM $SALES "s" WHERE (@ > 'b') GROUP BY "k" HAVING ("k" = 'c') ORDER BY "k" ASC NULLS LAST"#,
        ),
        (
            "select region || '-' as k, row_number() over (order by k) as n from sales s qualify n = 1",
            r#"SELECT @ AS "k", row_number() OVER (ORDER BY @ ASC NULLS LAST) AS "n" FROM $SALES "s" QUALIFY (row_number() OVER (ORDER BY @ ASC NULLS LAST) = 1)"#,
        ),
        // the text of a label that is computed is computed once where it is written twice
        (
            "select region || '-' as k, k || k from sales s",
            r#"SELECT @ AS "k", list_transform([{'a0': @, 'a1': @}], lambda "arguments": (CASE WHEN strlen(CAST("arguments"."a0" AS VARCHAR)) + strlen(CAST("arguments"."a1" AS VARCHAR)) > 65535 THEN $ ELSE "arguments"."a0" END || "arguments"."a1"))[1] AS "?column?" FROM $SALES "s""#,
        ),
        // USING's column is meant, not the label
        (
            "select s.region || '-' as id, id from sales s join people p using (id)",
            r#"SELECT @ AS "id", "id" AS "id" FROM ($SALES "s" INNER JOIN $PEOPLE "p" USING ("id"))"#,
        ),
        // an inner query's label, not the outer's
        (
            "select region || '-' as k, (select max(k) from (select id as k from people order by k) q) from sales s",
            r#"SELECT @ AS "k", (SELECT max("q"."k") AS "max" FROM (SELECT "people"."id" AS "k" FROM $PEOPLE "people" ORDER BY "k" ASC NULLS LAST) AS "q") AS "?column?" FROM $SALES "s""#,
        ),
    ] {
        let found = rendered(sql, &[]).unwrap();
        let found = found.text().replace(SALES, "$SALES").replace(PEOPLE, "$PEOPLE");
        assert_eq!(found.replace(TOO_LONG, "$"), expect.replace('@', guarded), "{sql}");
    }
}
