//! Who may call what: IAM, STS, and the database credentials that they lead to.

use std::sync::Arc;

use anyhow::Context as _;
use base::{Clock, Sealer};
use credentials::Credentials;
use iam::Iam;
use oidc::Fetch;
use store::{SqliteCredentials, SqliteIam, SqliteSts, Store};
use sts::{Sts, StsParts};

use crate::settings::{ACCOUNT, REGION};

/// What all of them need.
pub(super) struct IamParts<'a> {
    pub(super) control: &'a Store,
    pub(super) sealer: &'a Arc<Sealer>,
    pub(super) clock: &'a Arc<dyn Clock>,
    pub(super) fetch: &'a Arc<dyn Fetch>,
    /// Where the OpenID Connect providers may be that administrators name.
    pub(super) network: oidc::Network,
}

/// Makes root's key at the first start.
pub(super) async fn open(parts: IamParts<'_>) -> anyhow::Result<(Arc<Iam>, Arc<Sts>, Arc<Credentials>)> {
    let IamParts { control, sealer, clock, fetch, network } = parts;
    let shared = || (Arc::clone(sealer), Arc::clone(clock));
    let (sealed, timed) = shared();
    let iam = Iam::open(Arc::new(SqliteIam::new(control)), sealed, timed, ACCOUNT).await;
    let iam = Arc::new(iam.context("IAM can't be opened")?);
    let (sealer, clock) = shared();
    let sts = Sts::open(StsParts {
        iam: Arc::clone(&iam),
        store: Arc::new(SqliteSts::new(control)),
        sealer,
        clock,
        fetch: Arc::clone(fetch),
        network,
        region: REGION.to_owned(),
    });
    let sts = Arc::new(sts.await.context("STS can't be opened")?);
    let (sealed, timed) = shared();
    let credentials = Credentials::open(Arc::new(SqliteCredentials::new(control)), Arc::clone(&sts), sealed, timed);
    Ok((iam, sts, credentials.await.context("the database credentials can't be opened")?))
}
