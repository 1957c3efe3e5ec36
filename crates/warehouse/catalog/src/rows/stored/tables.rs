//! Tables.

use base::id::{DbUserId, RelationId, SchemaId};
use serde::{Deserialize, Serialize};
use sql::DataType;
use sql::statement::TableStorage;

use crate::model::{Column, Constraint, Relation};

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::rows) struct StoredRelation {
    id: u32,
    schema: u32,
    name: String,
    owner: u32,
    columns: Vec<StoredColumn>,
    constraints: Vec<StoredConstraint>,
    storage: StoredStorage,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredColumn {
    name: String,
    data_type: StoredType,
    not_null: bool,
    default: Option<String>,
    identity: Option<(i64, i64)>,
    encode: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum StoredConstraint {
    PrimaryKey { columns: Vec<String> },
    Unique { columns: Vec<String> },
    ForeignKey { columns: Vec<String>, references: u32, referred_columns: Vec<String> },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredStorage {
    diststyle: Option<String>,
    distkey: Option<String>,
    sortkey: Vec<String>,
    interleaved: bool,
    sortkey_auto: bool,
    encode_auto: bool,
    backup: Option<bool>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredType {
    SmallInt,
    Integer,
    BigInt,
    Numeric { precision: u8, scale: u8 },
    Real,
    Double,
    Boolean,
    Char { length_bytes: u32 },
    Varchar { length_bytes: u32 },
    Date,
    Time,
    TimeTz,
    Timestamp,
    TimestampTz,
    Text,
    Oid,
}

impl StoredRelation {
    pub(super) fn of(relation: &Relation) -> Self {
        Self {
            id: relation.id.0,
            schema: relation.schema.0,
            name: relation.name.clone(),
            owner: relation.owner.0,
            columns: relation.columns.iter().map(StoredColumn::of).collect(),
            constraints: relation.constraints.iter().map(StoredConstraint::of).collect(),
            storage: StoredStorage::of(&relation.storage),
        }
    }

    pub(super) fn into_relation(self) -> Result<Relation, String> {
        if self.columns.is_empty() {
            return Err("a table without columns".to_owned());
        }
        Ok(Relation {
            id: RelationId(self.id),
            schema: SchemaId(self.schema),
            name: self.name,
            owner: DbUserId(self.owner),
            columns: self.columns.into_iter().map(StoredColumn::into_column).collect(),
            constraints: self.constraints.into_iter().map(StoredConstraint::into_constraint).collect(),
            storage: self.storage.into_storage(),
        })
    }
}

impl StoredColumn {
    fn of(column: &Column) -> Self {
        Self {
            name: column.name.clone(),
            data_type: StoredType::of(column.data_type),
            not_null: column.not_null,
            default: column.default.clone(),
            identity: column.identity,
            encode: column.encode.clone(),
        }
    }

    fn into_column(self) -> Column {
        Column {
            name: self.name,
            data_type: self.data_type.into_type(),
            not_null: self.not_null,
            default: self.default,
            identity: self.identity,
            encode: self.encode,
        }
    }
}

impl StoredConstraint {
    fn of(constraint: &Constraint) -> Self {
        match constraint {
            Constraint::PrimaryKey { columns } => Self::PrimaryKey { columns: columns.clone() },
            Constraint::Unique { columns } => Self::Unique { columns: columns.clone() },
            Constraint::ForeignKey { columns, references, referred_columns } => Self::ForeignKey {
                columns: columns.clone(),
                references: references.0,
                referred_columns: referred_columns.clone(),
            },
        }
    }

    fn into_constraint(self) -> Constraint {
        match self {
            Self::PrimaryKey { columns } => Constraint::PrimaryKey { columns },
            Self::Unique { columns } => Constraint::Unique { columns },
            Self::ForeignKey { columns, references, referred_columns } => {
                Constraint::ForeignKey { columns, references: RelationId(references), referred_columns }
            }
        }
    }
}

impl StoredStorage {
    fn of(storage: &TableStorage) -> Self {
        let TableStorage { diststyle, distkey, sortkey, interleaved, sortkey_auto, encode_auto, backup } =
            storage.clone();
        Self { diststyle, distkey, sortkey, interleaved, sortkey_auto, encode_auto, backup }
    }

    fn into_storage(self) -> TableStorage {
        let Self { diststyle, distkey, sortkey, interleaved, sortkey_auto, encode_auto, backup } = self;
        TableStorage { diststyle, distkey, sortkey, interleaved, sortkey_auto, encode_auto, backup }
    }
}

impl StoredType {
    const fn of(data_type: DataType) -> Self {
        match data_type {
            DataType::SmallInt => Self::SmallInt,
            DataType::Integer => Self::Integer,
            DataType::BigInt => Self::BigInt,
            DataType::Numeric { precision, scale } => Self::Numeric { precision, scale },
            DataType::Real => Self::Real,
            DataType::Double => Self::Double,
            DataType::Boolean => Self::Boolean,
            DataType::Char { length_bytes } => Self::Char { length_bytes },
            DataType::Varchar { length_bytes } => Self::Varchar { length_bytes },
            DataType::Date => Self::Date,
            DataType::Time => Self::Time,
            DataType::TimeTz => Self::TimeTz,
            DataType::Timestamp => Self::Timestamp,
            DataType::TimestampTz => Self::TimestampTz,
            DataType::Text => Self::Text,
            DataType::Oid => Self::Oid,
        }
    }

    const fn into_type(self) -> DataType {
        match self {
            Self::SmallInt => DataType::SmallInt,
            Self::Integer => DataType::Integer,
            Self::BigInt => DataType::BigInt,
            Self::Numeric { precision, scale } => DataType::Numeric { precision, scale },
            Self::Real => DataType::Real,
            Self::Double => DataType::Double,
            Self::Boolean => DataType::Boolean,
            Self::Char { length_bytes } => DataType::Char { length_bytes },
            Self::Varchar { length_bytes } => DataType::Varchar { length_bytes },
            Self::Date => DataType::Date,
            Self::Time => DataType::Time,
            Self::TimeTz => DataType::TimeTz,
            Self::Timestamp => DataType::Timestamp,
            Self::TimestampTz => DataType::TimestampTz,
            Self::Text => DataType::Text,
            Self::Oid => DataType::Oid,
        }
    }
}
