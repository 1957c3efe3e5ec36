//! Rows of the networks' tables, read back. A row that can't be read stops the start: a guess could open what was closed.

use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

use base::id::{SecurityGroupId, SubnetId, VpcId};
use network::{Rule, SecurityGroup, Subnet, SubnetGroup, Vpc};
use serde::de::DeserializeOwned;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use crate::{StoreError, timestamp};

pub(super) fn vpc(row: &SqliteRow) -> Result<Vpc, StoreError> {
    let (table, id) = ("network_vpc", row.try_get::<String, _>("id")?);
    Ok(Vpc {
        cidr: parsed(table, &id, row.try_get("cidr")?)?,
        ipv6: optional(table, &id, row.try_get("ipv6")?)?,
        is_default: row.try_get("is_default")?,
        tags: json(table, &id, row.try_get("tags")?)?,
        created: timestamp::read(table, row.try_get("created")?)?,
        id: VpcId::new(id),
    })
}

pub(super) fn subnet(row: &SqliteRow) -> Result<Subnet, StoreError> {
    let (table, id) = ("network_subnet", row.try_get::<String, _>("id")?);
    Ok(Subnet {
        vpc: VpcId::new(row.try_get::<String, _>("vpc_id")?),
        cidr: parsed(table, &id, row.try_get("cidr")?)?,
        ipv6: optional(table, &id, row.try_get("ipv6")?)?,
        zone: row.try_get("zone")?,
        default_for_zone: row.try_get("default_for_zone")?,
        tags: json(table, &id, row.try_get("tags")?)?,
        created: timestamp::read(table, row.try_get("created")?)?,
        id: SubnetId::new(id),
    })
}

pub(super) fn group(row: &SqliteRow) -> Result<SecurityGroup, StoreError> {
    let (table, id) = ("network_security_group", row.try_get::<String, _>("id")?);
    let rules: Vec<Rule> = json(table, &id, row.try_get("rules")?)?;
    Ok(SecurityGroup {
        vpc: VpcId::new(row.try_get::<String, _>("vpc_id")?),
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        rules: rules.into_iter().map(Arc::new).collect(),
        tags: json(table, &id, row.try_get("tags")?)?,
        created: timestamp::read(table, row.try_get("created")?)?,
        id: SecurityGroupId::new(id),
    })
}

pub(super) fn subnet_group(row: &SqliteRow) -> Result<SubnetGroup, StoreError> {
    let (table, name) = ("network_subnet_group", row.try_get::<String, _>("name")?);
    let subnets: Vec<String> = json(table, &name, row.try_get("subnets")?)?;
    Ok(SubnetGroup {
        description: row.try_get("description")?,
        vpc: VpcId::new(row.try_get::<String, _>("vpc_id")?),
        subnets: subnets.into_iter().map(SubnetId::new).collect(),
        tags: json(table, &name, row.try_get("tags")?)?,
        created: timestamp::read(table, row.try_get("created")?)?,
        name,
    })
}

fn parsed<T: FromStr<Err: Display>>(table: &'static str, key: &str, text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|error: T::Err| broken(table, key, &error))
}

fn optional<T: FromStr<Err: Display>>(
    table: &'static str,
    key: &str,
    text: Option<&str>,
) -> Result<Option<T>, StoreError> {
    text.map(|text| parsed(table, key, text)).transpose()
}

fn json<T: DeserializeOwned>(table: &'static str, key: &str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| broken(table, key, &error))
}

fn broken(table: &'static str, key: &str, error: &impl Display) -> StoreError {
    StoreError::Row { table, key: key.to_owned(), cause: error.to_string() }
}
