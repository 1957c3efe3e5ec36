//! The SCIM push over real connections: to our own server in both of its profiles, and to somebody else's.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Duration;

use base::id::{DirectoryGroupId, DirectoryUserId, PushTargetId, SsoApplicationId};
use base::{AuditEvent, AuditLog, AuditUnavailable, Clock, Sealer, SystemClock};
use directory::{Directory, DirectoryError, DirectoryGroup, GroupEdit, MemberEdit, MemoryStore, NewGroup, NewUser};
use http_identity::scim::{AccessPreview, Profile, ScimState, TableAccess, routers};
use push::target::{Assigned, Deprovision, NewTarget, TargetEdit};
use push::{Counts, Ports, Pusher, Roster};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

use super::*;

const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug)]
struct Nobody;

impl Roster for Nobody {
    fn groups(&self, _: &SsoApplicationId) -> Option<BTreeSet<DirectoryGroupId>> {
        None
    }
}

#[async_trait]
impl AuditLog for Nobody {
    async fn record(&self, _: AuditEvent) -> Result<(), AuditUnavailable> {
        Ok(())
    }
}

impl AccessPreview for Nobody {
    fn tables(&self, _: &DirectoryUserId, _: &str, _: bool, _: &[Arc<DirectoryGroup>]) -> Vec<TableAccess> {
        Vec::new()
    }
}

fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

fn client() -> Arc<Outbound> {
    Arc::new(Outbound::new(Trust::nobody(), Limits::default()).unwrap())
}

/// The provider and its push to one server.
struct World {
    people: Arc<Directory>,
    pusher: Arc<Pusher>,
    sales: DirectoryGroupId,
    target: PushTargetId,
}

impl World {
    /// Pushes `sales`, with its people, to the server.
    async fn pushing(url: &str, token: &str) -> Self {
        let people = Directory::open(Arc::<MemoryStore>::default(), clock()).await.unwrap();
        let new = NewGroup { display_name: "sales".to_owned(), ..NewGroup::default() };
        let sales = people.create_group(new).await.unwrap().id.clone();
        let pusher = Pusher::open(Ports {
            store: Arc::<push::MemoryStore>::default(),
            directory: Arc::clone(&people),
            roster: Arc::new(Nobody),
            transport: Arc::new(OutboundScim(client())),
            sealer: Arc::new(Sealer::new(&Secret::new(vec![1; 32])).unwrap()),
            clock: clock(),
        })
        .await
        .unwrap();
        pusher.start();
        let target = NewTarget {
            name: "there".to_owned(),
            url: url.to_owned(),
            token: Secret::from(token),
            private_network: true,
            assigned: Assigned::Groups([sales.clone()].into()),
            pushed_groups: [sales.clone()].into(),
            deprovision: Deprovision::Deactivate,
            enabled: true,
        };
        let target = pusher.create_target(target).await.unwrap().id.clone();
        Self { people, pusher, sales, target }
    }

    async fn person(&self, user_name: &str) -> DirectoryUserId {
        let new = NewUser {
            user_name: user_name.to_owned(),
            active: true,
            display_name: Some(user_name.to_uppercase()),
            given_name: Some("Given".to_owned()),
            family_name: Some("Family".to_owned()),
            email: Some(format!("{user_name}@example.com")),
            ..NewUser::default()
        };
        self.people.create_user(new).await.unwrap().id.clone()
    }

    async fn members(&self, change: impl FnOnce(&mut MemberEdit) + Send) {
        let edit = |group: &DirectoryGroup| {
            let mut members = MemberEdit::default();
            change(&mut members);
            Ok::<_, DirectoryError>(GroupEdit { members, ..GroupEdit::from(group) })
        };
        self.people.update_group(&self.sales, None, edit).await.unwrap();
    }

    async fn change(&self, user: &DirectoryUserId, change: impl FnOnce(&mut NewUser)) {
        let mut next = NewUser::from(&*self.people.user(user).unwrap());
        change(&mut next);
        self.people.replace_user(user, None, next).await.unwrap();
    }

    /// A full sync to its end, without an error.
    async fn sync(&self) {
        let mut progress = self.pusher.start_full_sync(&self.target).unwrap();
        let ended = tokio::time::timeout(PATIENCE, progress.wait_for(|progress| !progress.running)).await;
        let last = ended.expect("it doesn't end").unwrap().clone();
        let failures = self.pusher.failures(&self.target, None, 10).await.unwrap();
        assert_eq!((last.errors, last.paused), (0, None), "{failures:?}");
    }

    async fn end(self) {
        self.pusher.stop().await;
    }
}

/// Our own SCIM server on a port of its own.
struct Ours {
    directory: Arc<Directory>,
    world: World,
}

async fn ours(profile: Profile) -> Ours {
    let directory = Directory::open(Arc::<MemoryStore>::default(), clock()).await.unwrap();
    let (_, token) = directory.create_scim_token(time::Duration::days(1)).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}/scim/v2", listener.local_addr().unwrap());
    let state = ScimState {
        directory: Arc::clone(&directory),
        audit: Arc::new(Nobody),
        base_url: base_url.clone(),
        profile,
        tenant: "d-1".to_owned(),
        preview: Arc::new(Nobody),
    };
    base::task::spawn("scim server", async move { axum::serve(listener, routers(state)).await });
    Ours { directory, world: World::pushing(&base_url, token.expose()).await }
}

impl Ours {
    /// Waits for the server's directory to be as it should.
    async fn until(&self, is_so: impl Fn(&Directory) -> bool) {
        let mut changes = self.directory.subscribe();
        let waiting = async {
            while !is_so(&self.directory) {
                drop(changes.recv().await);
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("it doesn't come");
    }

    fn members(&self) -> BTreeSet<String> {
        let Some(group) = self.directory.group_by_name("sales") else { return BTreeSet::new() };
        self.directory.members_of(&group.id).iter().map(|user| user.user_name.clone()).collect()
    }
}

#[tokio::test]
async fn our_own_server_gets_every_change_by_itself() {
    for profile in [Profile::Rfc, Profile::IdcCompat] {
        let there = ours(profile).await;
        let (ethan, fiona) = (there.world.person("ethan").await, there.world.person("fiona").await);
        there.world.members(|members| members.add([ethan.clone(), fiona.clone()])).await;
        there.until(|_| there.members().len() == 2).await;
        let pushed = there.directory.user_by_name("ethan").unwrap();
        assert_eq!(pushed.external_id.as_deref(), Some(ethan.as_str()));
        assert_eq!(pushed.email.as_deref(), Some("ethan@example.com"));
        there.world.change(&fiona, |fiona| fiona.family_name = Some("Glenanne".to_owned())).await;
        let is_renamed =
            |directory: &Directory| directory.user_by_name("fiona").unwrap().family_name.as_deref() == Some("Glenanne");
        there.until(is_renamed).await;
        there.world.change(&ethan, |ethan| ethan.active = false).await;
        there.until(|directory| !directory.user_by_name("ethan").unwrap().active && there.members().len() == 1).await;
        there.world.sync().await;
        assert_eq!(there.world.pusher.dry_run(&there.world.target).await.unwrap().rows(), [[""; 3]; 0]);
        there.world.end().await;
    }
}

#[tokio::test]
async fn our_own_server_gets_250_members_in_portions() {
    for profile in [Profile::Rfc, Profile::IdcCompat] {
        let there = ours(profile).await;
        let mut people = Vec::new();
        for number in 0..250 {
            people.push(there.world.person(&format!("a{number}")).await);
        }
        there.world.members(|members| members.add(people.clone())).await;
        there.world.sync().await;
        there.until(|_| there.members().len() == 250).await;
        there.world.members(|members| members.remove(people.clone())).await;
        there.until(|_| there.members().is_empty()).await;
        assert_eq!(there.directory.user_count(), 250);
        there.world.end().await;
    }
}

#[tokio::test]
async fn our_own_server_gets_back_what_was_lost_there() {
    for profile in [Profile::Rfc, Profile::IdcCompat] {
        let there = ours(profile).await;
        let (ethan, fiona) = (there.world.person("ethan").await, there.world.person("fiona").await);
        there.world.members(|members| members.add([ethan, fiona])).await;
        there.until(|_| there.members().len() == 2).await;
        let lost = there.directory.user_by_name("ethan").unwrap().id.clone();
        there.directory.delete_user(&lost, None).await.unwrap();
        let plan = there.world.pusher.dry_run(&there.world.target).await.unwrap();
        assert_eq!(plan.counts.users_created, 1);
        there.world.sync().await;
        there.until(|_| there.members().len() == 2).await;
        let group = there.directory.group_by_name("sales").unwrap().id.clone();
        there.directory.delete_group(&group, None).await.unwrap();
        there.world.sync().await;
        there.until(|_| there.members().len() == 2).await;
        there.world.end().await;
    }
}

/// scim2-server, which `cargo xtask setup` installs.
async fn somebody_elses() -> (Child, World, String) {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/scim/bin/scim2-server");
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut child = Command::new(&program)
        .args(["--bearer-token", "there", "--port", &port.to_string()])
        .env("PYTHONUNBUFFERED", "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap_or_else(|error| panic!("{} can't be started ({error}): run cargo xtask setup", program.display()));
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("it doesn't start").unwrap();
    assert!(first.unwrap().contains("Serving SCIM"));
    let url = format!("http://127.0.0.1:{port}/v2");
    let world = World::pushing(&url, "there").await;
    (child, world, url)
}

async fn read(url: &str) -> Value {
    let request = Request::get(url, Network::Private).bearer(&Secret::from("there")).unwrap();
    let answer = client().send(request).await.unwrap();
    assert_eq!(answer.status, 200, "{url}");
    serde_json::from_slice(&answer.body).unwrap()
}

async fn the_one(url: &str) -> Value {
    let list = read(url).await;
    assert_eq!(list["totalResults"], 1, "{list}");
    list["Resources"][0].clone()
}

#[tokio::test]
async fn somebody_elses_server_gets_people_groups_and_their_ends() {
    let (child, world, url) = somebody_elses().await;
    let (ethan, fiona) = (world.person("ethan").await, world.person("fiona").await);
    world.members(|members| members.add([ethan.clone(), fiona.clone()])).await;
    world.sync().await;
    let pushed = the_one(&format!("{url}/Users?filter=userName%20eq%20%22ethan%22")).await;
    assert_eq!((&pushed["externalId"], &pushed["active"]), (&ethan.as_str().into(), &true.into()));
    assert_eq!(pushed["name"]["familyName"], "Family");
    assert_eq!(pushed["emails"][0]["value"], "ethan@example.com");
    let group = the_one(&format!("{url}/Groups?filter=displayName%20eq%20%22sales%22")).await;
    assert_eq!(group["members"].as_array().unwrap().len(), 2, "{group}");

    world.change(&fiona, |fiona| fiona.display_name = None).await;
    world.change(&ethan, |ethan| ethan.active = false).await;
    world.sync().await;
    let pushed = the_one(&format!("{url}/Users?filter=userName%20eq%20%22fiona%22")).await;
    assert_eq!(pushed.get("displayName"), None);
    let pushed = the_one(&format!("{url}/Users?filter=userName%20eq%20%22ethan%22")).await;
    assert_eq!(pushed["active"], false);
    let group = the_one(&format!("{url}/Groups?filter=displayName%20eq%20%22sales%22")).await;
    assert_eq!(group["members"].as_array().unwrap().len(), 1, "{group}");
    let nothing = world.pusher.dry_run(&world.target).await.unwrap();
    assert_eq!(nothing.counts, Counts::default(), "{:?}", nothing.rows());

    let edit = TargetEdit { deprovision: Some(Deprovision::Delete), ..TargetEdit::default() };
    world.pusher.update_target(&world.target, None, edit).await.unwrap();
    world.members(|members| members.clear()).await;
    world.sync().await;
    assert_eq!(read(&format!("{url}/Users?filter=userName%20eq%20%22fiona%22")).await["totalResults"], 0);
    world.end().await;
    drop(child);
}

#[tokio::test]
async fn somebody_elses_server_refuses_a_wrong_token_and_the_target_pauses() {
    let (child, world, _) = somebody_elses().await;
    let ethan = world.person("ethan").await;
    world.members(|members| members.add([ethan])).await;
    world.sync().await;
    let wrong = TargetEdit { token: Some(Secret::from("wrong")), ..TargetEdit::default() };
    world.pusher.update_target(&world.target, None, wrong).await.unwrap();
    let mut progress = world.pusher.start_full_sync(&world.target).unwrap();
    let paused = tokio::time::timeout(PATIENCE, progress.wait_for(|progress| progress.paused.is_some())).await;
    let paused = paused.expect("it doesn't pause").unwrap().paused.clone().unwrap();
    assert!(paused.contains("401"), "{paused}");
    let right = TargetEdit { token: Some(Secret::from("there")), ..TargetEdit::default() };
    world.pusher.update_target(&world.target, None, right).await.unwrap();
    world.sync().await;
    world.end().await;
    drop(child);
}
