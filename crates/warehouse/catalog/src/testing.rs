//! A catalog that tests drive with SQL.

use std::collections::BTreeMap;

use base::Secret;
use base::id::DbUserId;
use sql::{ColumnShape, DataType, SearchPath};

use crate::{ADMIN_USER, Catalog, CatalogError, PasswordVerifier, Plan, PlanContext, Row, RowWrite, plan, rows};

pub(crate) const APPLICATION: &str = "arn:aws:sso::123456789012:application/ssoins-1/apl-2";

pub(crate) struct Bench {
    pub(crate) catalog: Catalog,
    /// What a store would hold.
    pub(crate) stored: BTreeMap<(String, String), String>,
    pub(crate) user: DbUserId,
}

pub(crate) fn verifier() -> PasswordVerifier {
    PasswordVerifier::from_clear(&Secret::from("Passw0rd1"), [1; 32])
}

impl Bench {
    pub(crate) fn new() -> Self {
        let catalog = Catalog::bootstrap("dev", "awsuser", verifier()).unwrap();
        let stored = rows::all(&catalog).unwrap().into_iter().map(|row| ((row.kind, row.key), row.body)).collect();
        Self { catalog, stored, user: ADMIN_USER }
    }

    /// With the identity provider "idp" of namespace `awsidc`.
    pub(crate) fn with_provider() -> Self {
        let mut bench = Self::new();
        bench.run(&format!(
            "CREATE IDENTITY PROVIDER idp TYPE AWSIDC NAMESPACE 'awsidc' APPLICATION_ARN '{APPLICATION}' IAM_ROLE default"
        ));
        bench
    }

    pub(crate) fn plan(&self, text: &str) -> Result<Plan, CatalogError> {
        let parsed = sql::parse(text).unwrap();
        assert_eq!(parsed.len(), 1, "{text}");
        let path = SearchPath(vec!["pg_catalog".to_owned(), "public".to_owned()]);
        let columns = [ColumnShape { name: "a".to_owned(), data_type: DataType::Integer }];
        let context = PlanContext {
            user: self.user,
            database: "dev",
            search_path: &path,
            first_id: self.catalog.next_id(),
            salt: [7; 32],
            query_columns: &columns,
            settable: |parameter| parameter == "search_path",
        };
        plan(&parsed[0].statement, &self.catalog, &context)
    }

    /// Plans and applies; the stored rows follow.
    pub(crate) fn try_run(&mut self, text: &str) -> Result<Plan, CatalogError> {
        let plan = self.plan(text)?;
        self.apply(&plan.ops);
        Ok(plan)
    }

    pub(crate) fn apply(&mut self, ops: &[crate::CatalogOp]) {
        let after = self.catalog.apply_all(ops).unwrap();
        for write in rows::writes(ops, &self.catalog, &after).unwrap() {
            match write {
                RowWrite::Put(row) => self.stored.insert((row.kind, row.key), row.body),
                RowWrite::Delete { kind, key } => self.stored.remove(&(kind, key)),
            };
        }
        self.catalog = after;
    }

    #[track_caller]
    pub(crate) fn run(&mut self, text: &str) -> Plan {
        match self.try_run(text) {
            Ok(plan) => plan,
            Err(error) => panic!("{text}: {error:?}"),
        }
    }

    #[track_caller]
    pub(crate) fn run_all(&mut self, texts: &[&str]) {
        for text in texts {
            self.run(text);
        }
    }

    /// `SQLSTATE message`; `sql` refuses some definitions before the catalog sees them.
    #[track_caller]
    pub(crate) fn refusal(&mut self, text: &str) -> String {
        if let Err(error) = sql::parse(text) {
            return format!("{} {}", error.state.code(), error.message.message);
        }
        match self.try_run(text) {
            Ok(_) => panic!("{text} was accepted"),
            Err(error) => format!("{} {}", error.sqlstate(), error.message.message),
        }
    }

    #[track_caller]
    pub(crate) fn error(&mut self, text: &str) -> CatalogError {
        match self.try_run(text) {
            Ok(_) => panic!("{text} was accepted"),
            Err(error) => error,
        }
    }

    pub(crate) fn act_as(&mut self, user: &str) {
        self.user = self.catalog.user_by_name(user).unwrap().id;
    }

    pub(crate) fn rows(&self) -> Vec<Row> {
        self.stored
            .iter()
            .map(|((kind, key), body)| Row { kind: kind.clone(), key: key.clone(), body: body.clone() })
            .collect()
    }
}
