use engine::{Column, EngineSession as _, Value, ValueType};

use crate::database::DuckDb;
use crate::session::tests::{checked, drain, session_with};

fn numeric(unscaled: i128, scale: u8) -> Value {
    Value::Numeric { unscaled, scale }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// `describe` and `query` agree on the type; the value is exact; NULL of the type is NULL.
async fn check(cases: &[(&str, ValueType, Value)]) {
    let db = DuckDb::open_in_memory().await.unwrap();
    let mut session = session_with(&db, &[]).await;
    for (expression, value_type, value) in cases {
        let expected = [Column { name: "a".to_owned(), value_type: *value_type }];
        let query = checked(&format!("SELECT {expression} AS a"), &[]);
        assert_eq!(session.describe(&query).await.unwrap(), expected, "{expression}");
        let stream = session.query(&query).await.unwrap();
        assert_eq!(stream.columns, expected, "{expression}");
        assert_eq!(drain(stream).await.unwrap(), [[value.clone()]], "{expression}");
        let null = checked(&format!("SELECT CASE WHEN false THEN {expression} END AS a, {expression} AS a"), &[]);
        let stream = session.query(&null).await.unwrap();
        assert_eq!(stream.columns, [expected.clone(), expected].concat(), "{expression}");
        assert_eq!(drain(stream).await.unwrap(), [[Value::Null, value.clone()]], "{expression}");
    }
}

#[tokio::test]
async fn numbers() {
    let wide = ValueType::Numeric { precision: 38, scale: 0 };
    check(&[
        ("true", ValueType::Bool, Value::Bool(true)),
        ("CAST(-128 AS TINYINT)", ValueType::Int2, Value::Int2(-128)),
        ("CAST(255 AS UTINYINT)", ValueType::Int2, Value::Int2(255)),
        ("CAST(-32768 AS SMALLINT)", ValueType::Int2, Value::Int2(i16::MIN)),
        ("CAST(65535 AS USMALLINT)", ValueType::Int4, Value::Int4(65_535)),
        ("CAST(-2147483648 AS INTEGER)", ValueType::Int4, Value::Int4(i32::MIN)),
        ("CAST(4294967295 AS UINTEGER)", ValueType::Int8, Value::Int8(4_294_967_295)),
        ("CAST(-9223372036854775808 AS BIGINT)", ValueType::Int8, Value::Int8(i64::MIN)),
        ("CAST(18446744073709551615 AS UBIGINT)", wide, numeric(u64::MAX.into(), 0)),
        ("CAST(-170141183460469231731687303715884105727 AS HUGEINT)", wide, numeric(-i128::MAX, 0)),
        ("sum(CAST(5 AS INTEGER))", wide, numeric(5, 0)),
        ("CAST(7 AS UHUGEINT)", wide, numeric(7, 0)),
        ("CAST(1.5 AS FLOAT)", ValueType::Float4, Value::Float4(1.5)),
        ("CAST('-Infinity' AS DOUBLE)", ValueType::Float8, Value::Float8(f64::NEG_INFINITY)),
        ("CAST(-1.25 AS DECIMAL(4,2))", ValueType::Numeric { precision: 4, scale: 2 }, numeric(-125, 2)),
        ("CAST(12345.6789 AS DECIMAL(9,4))", ValueType::Numeric { precision: 9, scale: 4 }, numeric(123_456_789, 4)),
        ("CAST(1 AS DECIMAL(18,17))", ValueType::Numeric { precision: 18, scale: 17 }, numeric(10_i128.pow(17), 17)),
        (
            "CAST('99999999999999999999999999999999999999' AS DECIMAL(38,0))",
            ValueType::Numeric { precision: 38, scale: 0 },
            numeric(10_i128.pow(38) - 1, 0),
        ),
    ])
    .await;
}

#[tokio::test]
async fn texts_and_times() {
    check(&[
        ("'ü''x'", ValueType::Text, text("ü'x")),
        ("''", ValueType::Text, text("")),
        ("BLOB '\\x00\\xFF'", ValueType::Bytes, Value::Bytes(vec![0, 255])),
        ("DATE '1969-12-31'", ValueType::Date, Value::Date(-1)),
        ("TIME '23:59:59.999999'", ValueType::Time, Value::Time(86_399_999_999)),
        ("TIMESTAMP '1970-01-01 00:00:01.5'", ValueType::Timestamp, Value::Timestamp(1_500_000)),
        ("TIMESTAMPTZ '1970-01-01 01:00:00+01'", ValueType::TimestampTz, Value::TimestampTz(0)),
        ("TIMESTAMP_S '1970-01-01 00:00:01'", ValueType::Timestamp, Value::Timestamp(1_000_000)),
        ("TIMESTAMP_MS '1970-01-01 00:00:01'", ValueType::Timestamp, Value::Timestamp(1_000_000)),
        ("TIMESTAMP_NS '1970-01-01 00:00:01'", ValueType::Timestamp, Value::Timestamp(1_000_000)),
        (
            "TIMETZ '01:00:00.25+05:30'",
            ValueType::TimeTz,
            Value::TimeTz { micros: 3_600_250_000, offset_seconds: 19_800 },
        ),
        (
            "INTERVAL '14 months -3 days 1.000001 seconds'",
            ValueType::Interval,
            Value::Interval { months: 14, days: -3, micros: 1_000_001 },
        ),
    ])
    .await;
}

#[tokio::test]
async fn types_without_a_place_are_text() {
    check(&[
        ("CAST('{\"a\": 1}' AS JSON)", ValueType::Text, text("{\"a\": 1}")),
        (
            "CAST('00000000-0000-0000-0000-00000000000a' AS UUID)",
            ValueType::Text,
            text("00000000-0000-0000-0000-00000000000a"),
        ),
        ("CAST('x' AS ENUM('x', 'y'))", ValueType::Text, text("x")),
        ("[1, NULL]", ValueType::Text, text("[1, NULL]")),
        ("{'a': 1, 'b': 'x'}", ValueType::Text, text("{'a': 1, 'b': x}")),
        ("MAP {'a': 1}", ValueType::Text, text("{a=1}")),
        ("CAST('101' AS BIT)", ValueType::Text, text("101")),
        ("CAST(5 AS VARIANT)", ValueType::Text, text("5")),
        ("CAST(12 AS BIGNUM)", ValueType::Text, text("12")),
    ])
    .await;
}

/// The order and the names of a query survive the cast around it.
#[tokio::test]
async fn casts_keep_order_and_names() {
    let db = DuckDb::open_in_memory().await.unwrap();
    let mut session = session_with(&db, &[]).await;
    let query = checked("SELECT range AS \"N\", [range] AS \"N\" FROM range(3) ORDER BY range DESC -- end", &[]);
    let stream = session.query(&query).await.unwrap();
    assert_eq!(stream.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>(), ["N", "N"]);
    let rows = drain(stream).await.unwrap();
    assert_eq!(rows, [[Value::Int8(2), text("[2]")], [Value::Int8(1), text("[1]")], [Value::Int8(0), text("[0]")]]);
}

/// DuckDB gives a bare NULL the type INTEGER.
#[tokio::test]
async fn a_bare_null() {
    let db = DuckDb::open_in_memory().await.unwrap();
    let mut session = session_with(&db, &[]).await;
    let query = checked("SELECT NULL AS a", &[]);
    let described = session.describe(&query).await.unwrap();
    let stream = session.query(&query).await.unwrap();
    assert_eq!(described, stream.columns);
    assert_eq!(described[0].value_type, ValueType::Int4);
    assert_eq!(drain(stream).await.unwrap(), [[Value::Null]]);
}
