//! A small catalog, a cage and a session for this crate's tests.

use base::id::RelationId;

use crate::bind::{ColumnShape, NamedRelation, Names, RelationKind, SearchPath, bind};
use crate::error::SqlError;
use crate::footprint::Footprint;
use crate::render::{Cage, CageSource, EngineText, Literal, SessionValues, data};
use crate::statement::Statement;
use crate::types::DataType;

/// Schema, name, kind, columns.
type Shape = (&'static str, &'static str, RelationKind, &'static [(&'static str, DataType)]);

const RELATIONS: &[Shape] = &[
    (
        "public",
        "sales",
        RelationKind::Table,
        &[
            ("id", DataType::Integer),
            ("region", DataType::Varchar { length_bytes: 20 }),
            ("amount", DataType::Numeric { precision: 10, scale: 2 }),
            ("day", DataType::Date),
            ("big", DataType::BigInt),
        ],
    ),
    (
        "public",
        "people",
        RelationKind::Table,
        &[("id", DataType::Integer), ("name", DataType::Varchar { length_bytes: 20 })],
    ),
    ("hr", "people", RelationKind::Table, &[("id", DataType::Integer), ("salary", DataType::Integer)]),
    ("hr", "hidden", RelationKind::Table, &[("id", DataType::Integer)]),
    ("pg_catalog", "svv_roles", RelationKind::SystemView, &[("role_id", DataType::Oid), ("role_name", DataType::Text)]),
    ("pg_catalog", "svv_empty", RelationKind::SystemView, &[("x", DataType::Integer)]),
];

pub(crate) struct Fake;

impl Fake {
    fn at(place: usize) -> Option<NamedRelation> {
        let (schema, name, kind, columns) = RELATIONS.get(place)?;
        let columns =
            columns.iter().map(|(name, data_type)| ColumnShape { name: (*name).to_owned(), data_type: *data_type });
        Some(NamedRelation {
            id: RelationId(u32::try_from(place).unwrap()),
            schema: (*schema).to_owned(),
            name: (*name).to_owned(),
            kind: *kind,
            columns: columns.collect(),
        })
    }
}

impl Names for Fake {
    fn relation(&self, schema: &str, name: &str) -> Option<NamedRelation> {
        let place = RELATIONS.iter().position(|relation| relation.0 == schema && relation.1 == name)?;
        Self::at(place)
    }

    fn has_schema(&self, schema: &str) -> bool {
        RELATIONS.iter().any(|relation| relation.0 == schema)
    }
}

/// `hr.hidden` shows nothing, `hr.people` no salary.
impl Cage for Fake {
    fn source(&self, relation: RelationId) -> Option<CageSource> {
        let relation = Self::at(usize::try_from(relation.0).unwrap())?;
        let columns = relation.columns.into_iter().map(|column| (column.name, column.data_type));
        match (relation.schema.as_str(), relation.name.as_str()) {
            ("hr", "hidden") => None,
            ("hr", "people") => {
                Some(CageSource::Table { schema: "hr".into(), name: "people".into(), columns: vec!["id".into()] })
            }
            (_, "svv_roles") => Some(CageSource::Rows {
                columns: columns.collect(),
                rows: vec![
                    vec![Literal::Int(7), Literal::Text("awsidc:awssso-sales".into())],
                    vec![Literal::Null, Literal::Text("it's".into())],
                ],
            }),
            (_, "svv_empty") => Some(CageSource::Rows { columns: columns.collect(), rows: Vec::new() }),
            _ => Some(CageSource::Table {
                schema: relation.schema,
                name: relation.name,
                columns: columns.map(|(name, _)| name).collect(),
            }),
        }
    }
}

pub(crate) fn session() -> SessionValues {
    SessionValues {
        current_user: "awsidc:o'hara".into(),
        session_user: "admin".into(),
        current_user_id: 101,
        database: "dev".into(),
        current_schema: Some("public".into()),
        backend_pid: 4711,
        version: "PostgreSQL 8.0.2".into(),
        now: "2026-11-22 07:00:00.123456".into(),
    }
}

pub(crate) fn statement(sql: &str) -> Result<Statement, SqlError> {
    Ok(crate::parse::parse(sql)?.remove(0).statement)
}

fn path() -> SearchPath {
    SearchPath(vec!["pg_catalog".into(), "public".into()])
}

pub(crate) fn footprint(sql: &str) -> Result<Footprint, SqlError> {
    Ok(bind(&statement(sql)?, "dev", &path(), &Fake)?.footprint().clone())
}

/// The result columns, `name type` each.
pub(crate) fn columns(sql: &str) -> Result<Vec<String>, SqlError> {
    let bound = bind(&statement(sql)?, "dev", &path(), &Fake)?;
    let shown = bound.columns().iter().map(|column| match column.data_type {
        Some(data_type) => format!("{} {data_type}", column.name),
        None => format!("{} ?", column.name),
    });
    Ok(shown.collect())
}

/// `SELECT public.sales, …`
pub(crate) fn show(footprint: &Footprint) -> String {
    let shown = footprint.accesses().iter().map(|access| {
        let (schema, name, _, _) = RELATIONS[usize::try_from(access.relation.0).unwrap()];
        format!("{} {schema}.{name}", access.privilege.name())
    });
    shown.collect::<Vec<_>>().join(", ")
}

pub(crate) fn rendered(sql: &str, parameters: &[Literal]) -> Result<EngineText, SqlError> {
    let bound = bind(&statement(sql)?, "dev", &path(), &Fake)?;
    data(&bound, &Fake, &session(), parameters)
}

/// `42P01 relation "t" does not exist`
pub(crate) fn refusal(error: &SqlError) -> String {
    format!("{} {error}", error.state.code())
}
