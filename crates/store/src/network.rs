//! Networks.

mod row;
#[cfg(test)]
mod tests;

use network::{NetworkStore, NetworkStoreError, NetworkWrite, SecurityGroup, StoredNetwork, Subnet, SubnetGroup, Vpc};
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{SqliteConnection, SqlitePool};

use crate::{Store, StoreError, timestamp};

/// [`NetworkStore`] on SQLite.
#[derive(Debug, Clone)]
pub struct SqliteNetwork {
    pool: SqlitePool,
}

impl SqliteNetwork {
    #[must_use]
    pub fn new(store: &Store) -> Self {
        Self { pool: store.pool().clone() }
    }

    async fn read(&self) -> Result<StoredNetwork, StoreError> {
        Ok(StoredNetwork {
            vpcs: self.all("SELECT * FROM network_vpc", row::vpc).await?,
            subnets: self.all("SELECT * FROM network_subnet", row::subnet).await?,
            groups: self.all("SELECT * FROM network_security_group", row::group).await?,
            subnet_groups: self.all("SELECT * FROM network_subnet_group", row::subnet_group).await?,
        })
    }

    async fn all<T>(
        &self,
        text: &'static str,
        read: fn(&SqliteRow) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        sqlx::query(text).fetch_all(&self.pool).await?.iter().map(read).collect()
    }

    async fn write(&self, writes: Vec<NetworkWrite>) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        for write in writes {
            apply(&mut transaction, write).await?;
        }
        Ok(transaction.commit().await?)
    }
}

async fn apply(connection: &mut SqliteConnection, write: NetworkWrite) -> Result<(), StoreError> {
    match write {
        NetworkWrite::PutVpc(vpc) => put_vpc(connection, &vpc).await,
        NetworkWrite::DeleteVpc(id) => delete(connection, "DELETE FROM network_vpc WHERE id = ?", id.as_str()).await,
        NetworkWrite::PutSubnet(subnet) => put_subnet(connection, &subnet).await,
        NetworkWrite::DeleteSubnet(id) => {
            delete(connection, "DELETE FROM network_subnet WHERE id = ?", id.as_str()).await
        }
        NetworkWrite::PutGroup(group) => put_group(connection, &group).await,
        NetworkWrite::DeleteGroup(id) => {
            delete(connection, "DELETE FROM network_security_group WHERE id = ?", id.as_str()).await
        }
        NetworkWrite::PutSubnetGroup(group) => put_subnet_group(connection, &group).await,
        NetworkWrite::DeleteSubnetGroup(name) => {
            delete(connection, "DELETE FROM network_subnet_group WHERE name = ?", &name).await
        }
    }
}

async fn delete(connection: &mut SqliteConnection, text: &'static str, key: &str) -> Result<(), StoreError> {
    sqlx::query(text).bind(key).execute(connection).await.map(drop).map_err(Into::into)
}

async fn put_vpc(connection: &mut SqliteConnection, vpc: &Vpc) -> Result<(), StoreError> {
    let text = "INSERT INTO network_vpc (id, cidr, ipv6, is_default, tags, created) VALUES (?, ?, ?, ?, ?, ?) \
                ON CONFLICT (id) DO UPDATE SET tags = excluded.tags";
    sqlx::query(text)
        .bind(vpc.id.as_str())
        .bind(vpc.cidr.to_string())
        .bind(vpc.ipv6.map(|block| block.to_string()))
        .bind(vpc.is_default)
        .bind(json!(vpc.tags).to_string())
        .bind(timestamp::write("network_vpc", vpc.created)?)
        .execute(connection)
        .await?;
    Ok(())
}

async fn put_subnet(connection: &mut SqliteConnection, subnet: &Subnet) -> Result<(), StoreError> {
    let text = "INSERT INTO network_subnet (id, vpc_id, cidr, ipv6, zone, default_for_zone, tags, created) \
                VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET tags = excluded.tags";
    sqlx::query(text)
        .bind(subnet.id.as_str())
        .bind(subnet.vpc.as_str())
        .bind(subnet.cidr.to_string())
        .bind(subnet.ipv6.map(|block| block.to_string()))
        .bind(&subnet.zone)
        .bind(subnet.default_for_zone)
        .bind(json!(subnet.tags).to_string())
        .bind(timestamp::write("network_subnet", subnet.created)?)
        .execute(connection)
        .await?;
    Ok(())
}

async fn put_group(connection: &mut SqliteConnection, group: &SecurityGroup) -> Result<(), StoreError> {
    let table = "network_security_group";
    let rules: Vec<_> = group.rules.iter().map(AsRef::as_ref).collect();
    let rules = serde_json::to_string::<Vec<&network::Rule>>(&rules).map_err(|error| StoreError::Row {
        table,
        key: group.id.to_string(),
        cause: error.to_string(),
    })?;
    let text = "INSERT INTO network_security_group (id, vpc_id, name, description, rules, tags, created) \
                VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET rules = excluded.rules, tags = excluded.tags";
    sqlx::query(text)
        .bind(group.id.as_str())
        .bind(group.vpc.as_str())
        .bind(&group.name)
        .bind(&group.description)
        .bind(rules)
        .bind(json!(group.tags).to_string())
        .bind(timestamp::write(table, group.created)?)
        .execute(connection)
        .await?;
    Ok(())
}

async fn put_subnet_group(connection: &mut SqliteConnection, group: &SubnetGroup) -> Result<(), StoreError> {
    let subnets: Vec<_> = group.subnets.iter().map(base::id::SubnetId::as_str).collect();
    let text = "INSERT INTO network_subnet_group (name, description, vpc_id, subnets, tags, created) \
                VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET description = excluded.description, \
                subnets = excluded.subnets, tags = excluded.tags";
    sqlx::query(text)
        .bind(&group.name)
        .bind(&group.description)
        .bind(group.vpc.as_str())
        .bind(json!(subnets).to_string())
        .bind(json!(group.tags).to_string())
        .bind(timestamp::write("network_subnet_group", group.created)?)
        .execute(connection)
        .await?;
    Ok(())
}

#[async_trait::async_trait]
impl NetworkStore for SqliteNetwork {
    async fn load(&self) -> Result<StoredNetwork, NetworkStoreError> {
        self.read().await.map_err(|error| NetworkStoreError(error.to_string()))
    }

    async fn apply(&self, writes: Vec<NetworkWrite>) -> Result<(), NetworkStoreError> {
        self.write(writes).await.map_err(|error| NetworkStoreError(error.to_string()))
    }
}
