use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use base::id::{ApplicationArn, ClusterId};
use center::{ActorPolicy, ApplicationEdit, ApplicationStatus, AssignedPrincipal, GrantType};
use control::{Control, NewCluster, NewQev2IdcApplication, NewRedshiftIdcApplication, RedshiftIdcApplication};
use directory::ActiveUser;
use policy::{Context, Subject, SubjectKind};
use serde_json::json;
use tempfile::TempDir;
use tokens::{AccessDecision as _, CallRefusal, IamCaller, Lack, RedirectUri, Scope};

use super::CenterAccess;
use crate::data_dir::DataDir;
use crate::demo;
use crate::settings::ACCOUNT;
use crate::wiring::{Gatehouse, testing};

struct World {
    gatehouse: Gatehouse,
    access: CenterAccess,
    data: DataDir,
    _folder: TempDir,
}

impl World {
    async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let data = DataDir::open(folder.path()).unwrap();
        let gatehouse = testing::open(&data).await;
        let port = testing::listening(&data).address.port();
        let Gatehouse { center, control, directory, warehouses, .. } = &gatehouse;
        let access = CenterAccess::new(center, control, directory, warehouses, port);
        Self { gatehouse, access, data, _folder: folder }
    }

    async fn demo() -> Self {
        let world = Self::new().await;
        demo::ensure(&world.gatehouse, &world.data).await.unwrap();
        world
    }

    fn user(&self, name: &str) -> ActiveUser {
        let directory = &self.gatehouse.directory;
        directory.active_user(&directory.user_by_name(name).unwrap().id).unwrap()
    }

    fn control(&self) -> &Control {
        &self.gatehouse.control
    }

    /// The demo's managed application.
    fn first(&self) -> ApplicationArn {
        let ours =
            self.control().idc_applications(None, 100).items.into_iter().find(|one| one.name == "redshift-idc-app");
        ours.unwrap().idc_managed_application_arn.clone()
    }

    /// Another Redshift application.
    async fn application(&self, name: &str) -> Arc<RedshiftIdcApplication> {
        let new = NewRedshiftIdcApplication {
            name: name.to_owned(),
            idc_instance_arn: self.gatehouse.instance().clone(),
            idc_display_name: name.to_owned(),
            identity_namespace: Some(name.replace('-', "")),
            iam_role_arn: format!("arn:aws:iam::{ACCOUNT}:role/EspressoRedshiftRole"),
            redshift_connect: None,
            tags: BTreeMap::new(),
        };
        self.control().create_idc_application(new).await.unwrap()
    }

    /// Another Redshift application, and a cluster that is connected to it.
    async fn second(&self, name: &str) -> Arc<RedshiftIdcApplication> {
        let application = self.application(name).await;
        let cluster = NewCluster {
            identifier: ClusterId::new(name),
            node_type: "ra3.large".to_owned(),
            master_username: "awsuser".to_owned(),
            master_password: testing::password("Passw0rd1").into(),
            db_name: None,
            port: None,
            idc_application: Some(application.arn.clone()),
            iam_roles: Vec::new(),
            default_iam_role: None,
            publicly_accessible: false,
            tags: BTreeMap::new(),
            options: control::ClusterOptions::default(),
        };
        self.control().create_cluster(cluster).await.unwrap();
        application
    }

    async fn assign(&self, arn: &ApplicationArn, user: &str) {
        let principal = AssignedPrincipal::User(self.user(user).id().clone());
        self.gatehouse.center.create_assignment(arn, &principal, &*self.gatehouse.directory).await.unwrap();
    }
}

#[tokio::test]
async fn without_a_connected_warehouse_nobody_gets_a_token() {
    let world = World::new().await;
    let new = directory::NewUser { user_name: "early".to_owned(), active: true, ..directory::NewUser::default() };
    world.gatehouse.directory.create_user(new).await.unwrap();
    let refused = world.access.redshift_application_for(&world.user("early")).unwrap_err();
    assert_eq!((refused.application, refused.lack), (None, Lack::NoWarehouse));
    assert!(refused.hint.contains("CreateRedshiftIdcApplication"), "{}", refused.hint);
}

#[tokio::test]
async fn who_may_use_the_warehouse_is_who_is_assigned_to_its_application() {
    let world = World::demo().await;
    for name in ["ethan", "fiona", "olivia"] {
        assert_eq!(world.access.redshift_application_for(&world.user(name)), Ok(world.first()));
    }
    for name in ["nina", "admin"] {
        let refused = world.access.redshift_application_for(&world.user(name)).unwrap_err();
        let start = format!("User \"{name}\" is not assigned to the application arn:aws:sso::");
        assert!(
            refused.reason.starts_with(&start) && refused.reason.ends_with("the user is in no group."),
            "{refused}"
        );
        assert!(refused.lack == Lack::Assignment && refused.hint.contains("CreateApplicationAssignment"));
    }
    let elsewhere = ApplicationArn::new("arn:aws:sso::123456789012:application/ssoins-1/apl-1");
    let refused = world.access.may_use(&world.user("ethan"), &elsewhere).unwrap_err();
    assert_eq!(refused.reason, format!("The application {elsewhere} does not exist."));
}

#[tokio::test]
async fn of_several_applications_it_is_the_default_warehouses_else_the_first_that_one_may_use() {
    let world = World::demo().await;
    let mut others = [world.second("analytics").await, world.second("reporting").await]
        .map(|application| application.idc_managed_application_arn.clone());
    others.sort();
    for arn in &others {
        world.assign(arn, "ethan").await;
    }
    world.assign(&others[1], "nina").await;
    assert_eq!(world.access.redshift_application_for(&world.user("ethan")), Ok(world.first()));
    assert_eq!(world.access.redshift_application_for(&world.user("nina")), Ok(others[1].clone()));
    world.assign(&others[0], "nina").await;
    assert_eq!(world.access.redshift_application_for(&world.user("nina")), Ok(others[0].clone()));
    // What is lacking is told for each of them.
    let refused = world.access.redshift_application_for(&world.user("admin")).unwrap_err();
    for arn in [&world.first(), &others[0], &others[1]] {
        assert!(refused.reason.contains(arn.as_str()), "{refused} should name {arn}");
    }
    assert_eq!(refused.hint.matches("CreateApplicationAssignment").count(), 1);
}

#[tokio::test]
async fn a_warehouse_that_sql_alone_connected_lets_people_sign_in() {
    let world = World::new().await;
    let new = directory::NewUser { user_name: "early".to_owned(), active: true, ..directory::NewUser::default() };
    world.gatehouse.directory.create_user(new).await.unwrap();
    let arn = world.application("analytics").await.idc_managed_application_arn.clone();
    world.assign(&arn, "early").await;
    let early = world.user("early");
    assert_eq!(world.access.redshift_application_for(&early).unwrap_err().lack, Lack::NoWarehouse);
    let warehouse = world.gatehouse.default_warehouse().unwrap();
    demo::ensure_idc_role(&world.gatehouse.iam).await.unwrap();
    let create = format!(
        "CREATE IDENTITY PROVIDER corp TYPE AWSIDC NAMESPACE 'corp' APPLICATION_ARN '{arn}' IAM_ROLE \
         'arn:aws:iam::{ACCOUNT}:role/EspressoRedshiftRole'"
    );
    testing::ask(&warehouse, &create).await;
    assert_eq!(world.access.redshift_application_for(&early), Ok(arn.clone()));
    world.gatehouse.center.delete_assignment(&arn, &AssignedPrincipal::User(early.id().clone())).await.unwrap();
    assert_eq!(world.access.redshift_application_for(&early).unwrap_err().lack, Lack::Assignment);
    world.assign(&arn, "early").await;
    testing::ask(&warehouse, "ALTER IDENTITY PROVIDER corp DISABLE").await;
    let editor = NewQev2IdcApplication {
        name: "editor".to_owned(),
        idc_instance_arn: world.gatehouse.instance().clone(),
        idc_display_name: "editor".to_owned(),
        tags: BTreeMap::new(),
    };
    let editor = world.control().create_qev2_application(editor).await.unwrap().idc_managed_application_arn.clone();
    world.assign(&editor, "early").await;
    testing::ask(&warehouse, &create.replace("corp", "editor").replace(arn.as_str(), editor.as_str())).await;
    assert_eq!(world.access.redshift_application_for(&early).unwrap_err().lack, Lack::NoWarehouse);
}

#[tokio::test]
async fn an_applications_settings_count_at_once() {
    let world = World::demo().await;
    let (center, arn, ethan) = (&world.gatehouse.center, world.first(), world.user("ethan"));
    let settings = world.access.application(&arn).unwrap();
    assert!(settings.enabled && settings.redshift && settings.refresh_token && !settings.token_exchange);
    assert_eq!(settings.scopes, BTreeSet::from([Scope::RedshiftConnect]));
    assert!(settings.code_redirects.is_some());
    center.delete_scope(&arn, "redshift:connect").await.unwrap();
    let refused = world.access.may_use(&ethan, &arn).unwrap_err();
    assert!(refused.lack == Lack::Scope && refused.hint.contains("PutApplicationAccessScope"), "{refused:?}");
    center.put_scope(&arn, "redshift:connect", BTreeSet::new()).await.unwrap();
    assert_eq!(world.access.may_use(&ethan, &arn), Ok(()));
    let status = |status| ApplicationEdit { status: Some(status), ..ApplicationEdit::default() };
    center.update_application(&arn, status(ApplicationStatus::Disabled)).await.unwrap();
    let refused = world.access.may_use(&ethan, &arn).unwrap_err();
    assert!(refused.lack == Lack::Disabled && refused.hint.contains("UpdateApplication"), "{refused:?}");
    center.update_application(&arn, status(ApplicationStatus::Enabled)).await.unwrap();
    center.delete_grant(&arn, GrantType::RefreshToken).await.unwrap();
    assert!(!world.access.application(&arn).unwrap().refresh_token);
    let editor = RedirectUri::parse("https://editor.example.com/cb").unwrap();
    assert!(!world.access.lists_redirect(&editor));
    center.put_grant(&arn, GrantType::AuthorizationCode, vec![editor.as_str().to_owned()]).await.unwrap();
    assert!(world.access.lists_redirect(&editor));
}

#[tokio::test]
async fn who_may_ask_for_an_applications_tokens_is_whom_its_actor_policy_allows() {
    let world = World::demo().await;
    let (center, arn) = (&world.gatehouse.center, world.first());
    let nothing = ApplicationArn::new("arn:aws:sso::123456789012:application/ssoins-1/apl-1");
    let context = Context::new();
    fn by<'a>(subject: &'a Subject, context: &'a Context) -> IamCaller<'a> {
        IamCaller { subject, context }
    }
    let root = Subject { account: ACCOUNT.to_owned(), kind: SubjectKind::Root };
    let stranger = Subject { account: String::new(), kind: SubjectKind::Anonymous };
    assert_eq!(world.access.may_call(&by(&root, &context), &nothing), Err(CallRefusal::UnknownApplication));
    let denied = |caller: &Subject| match world.access.may_call(&by(caller, &context), &arn) {
        Err(CallRefusal::Denied { reason, hint }) => (reason, hint),
        other => panic!("{other:?}"),
    };
    assert!(denied(&root).1.contains("PutApplicationAuthenticationMethod"));
    let policy = |effect: &str| {
        let statement = json!({"Effect": effect, "Principal": {"AWS": ACCOUNT}, "Resource": "*",
            "Action": "sso-oauth:CreateTokenWithIAM"});
        ActorPolicy::parse(json!({"Version": "2012-10-17", "Statement": [statement]})).unwrap()
    };
    center.put_authentication(&arn, policy("Allow")).await.unwrap();
    assert_eq!(world.access.may_call(&by(&root, &context), &arn), Ok(()));
    assert!(denied(&stranger).0.contains("may not act for the application"), "{:?}", denied(&stranger));
    center.put_authentication(&arn, policy("Deny")).await.unwrap();
    assert!(denied(&root).0.contains("denies it"), "{:?}", denied(&root));
}

#[tokio::test]
async fn a_scope_reaches_its_authorized_targets() {
    let world = World::demo().await;
    let (center, first) = (&world.gatehouse.center, world.first());
    let other = world.second("analytics").await.idc_managed_application_arn.clone();
    let reaches = || world.access.reaches(&first, Scope::RedshiftConnect, &other);
    assert!(reaches());
    center.put_scope(&first, "redshift:connect", BTreeSet::from([first.as_str().to_owned()])).await.unwrap();
    assert!(!reaches());
    center.put_scope(&first, "redshift:connect", BTreeSet::from([other.as_str().to_owned()])).await.unwrap();
    assert!(reaches());
    center.delete_scope(&first, "redshift:connect").await.unwrap();
    assert!(!reaches());
}
