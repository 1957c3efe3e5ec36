//! A warehouse that tests build with SQL and ask for decisions.

use base::Secret;
use base::id::DbUserId;
use catalog::{
    ADMIN_USER, Catalog, CatalogError, CatalogNames, PasswordVerifier, PlanContext, SessionRole, Unmapped,
    UnmappedGroup,
};
use sql::{SearchPath, Statement};

use crate::{Decision, EffectivePrincipals, SessionPrincipals, decide, effective_principals, requirements};

pub(crate) struct Bench {
    pub(crate) catalog: Catalog,
}

impl Bench {
    pub(crate) fn new(script: &[&str]) -> Self {
        let verifier = PasswordVerifier::from_clear(&Secret::from("Passw0rd1"), [1; 32]);
        let mut bench = Self { catalog: Catalog::bootstrap("dev", "awsuser", verifier).unwrap() };
        for text in script {
            bench.run(text);
        }
        bench
    }

    /// As the administrator.
    #[track_caller]
    pub(crate) fn run(&mut self, text: &str) {
        if let Err(error) = self.try_run(text) {
            panic!("{text}: {error:?}");
        }
    }

    pub(crate) fn try_run(&mut self, text: &str) -> Result<(), CatalogError> {
        let path = path();
        let plan = catalog::plan(&parse(text), &self.catalog, &self.context(ADMIN_USER, &path))?;
        self.catalog = self.catalog.apply_all(&plan.ops).unwrap();
        Ok(())
    }

    fn context<'a>(&self, user: DbUserId, path: &'a SearchPath) -> PlanContext<'a> {
        PlanContext {
            user,
            database: "dev",
            search_path: path,
            first_id: self.catalog.next_id(),
            salt: [7; 32],
            query_columns: &[],
            settable: |_| true,
        }
    }

    pub(crate) fn principals(&self, user: &str, session: &SessionPrincipals) -> EffectivePrincipals {
        let user = self.catalog.user_by_name(user).unwrap().id;
        effective_principals(&self.catalog, user, session).unwrap()
    }

    /// Session roles by (role, group).
    pub(crate) fn session(&self, roles: &[(&str, &str)], unmapped: &[(&str, Unmapped)]) -> SessionPrincipals {
        SessionPrincipals {
            roles: roles
                .iter()
                .map(|(role, group)| SessionRole {
                    role: self.catalog.role_by_name(role).unwrap().id,
                    group: (*group).to_owned(),
                })
                .collect(),
            unmapped: unmapped
                .iter()
                .map(|(group, why)| UnmappedGroup {
                    group: (*group).to_owned(),
                    role_name: format!("awsidc:{group}"),
                    why: why.clone(),
                })
                .collect(),
            ..SessionPrincipals::default()
        }
    }

    pub(crate) fn decide(&self, text: &str, principals: &EffectivePrincipals) -> Result<Decision, CatalogError> {
        let statement = parse(text);
        let path = path();
        let footprint = sql::bind(&statement, "dev", &path, &CatalogNames(&self.catalog)).ok();
        let footprint = footprint.as_ref().map(sql::Bound::footprint);
        let required = requirements(&statement, footprint, &self.catalog, &self.context(principals.user, &path))?;
        Ok(decide(&required, &self.catalog, principals))
    }

    /// First line, DETAIL, HINT.
    #[track_caller]
    pub(crate) fn denied(&self, text: &str, principals: &EffectivePrincipals) -> (String, String, String) {
        match self.decide(text, principals).unwrap() {
            Decision::Allowed(because) => panic!("{text} is allowed: {because:?}"),
            Decision::Denied(denial) => {
                let (message, sqlstate) = crate::text(&denial);
                assert_eq!(sqlstate, "42501");
                (message.message, message.detail.unwrap_or_default(), message.hint.unwrap_or_default())
            }
        }
    }
}

pub(crate) fn path() -> SearchPath {
    SearchPath(vec!["pg_catalog".to_owned(), "public".to_owned()])
}

#[track_caller]
pub(crate) fn parse(text: &str) -> Statement {
    let mut parsed = sql::parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    assert_eq!(parsed.len(), 1, "{text}");
    parsed.remove(0).statement
}

pub(crate) const PROVIDER: &str = "CREATE IDENTITY PROVIDER idp TYPE AWSIDC NAMESPACE 'awsidc' \
     APPLICATION_ARN 'arn:aws:sso::123456789012:application/ssoins-1/apl-2' IAM_ROLE default";
