mod faults;
mod groups;
mod people;
mod server;
mod targets;
mod unwritten;
mod working;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use base::id::{DirectoryGroupId, DirectoryUserId, PushTargetId, SsoApplicationId};
use base::{Clock as _, FixedClock, Sealer, Secret};
use directory::{Directory, DirectoryUser, GroupEdit, MemberEdit, NewGroup, NewUser, Origin};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use crate::*;
use server::FakeServer;

const TOKEN: &str = "t0ken-of-the-target";

#[derive(Debug, Default)]
struct Applications(Mutex<BTreeMap<SsoApplicationId, BTreeSet<DirectoryGroupId>>>);

impl Roster for Applications {
    fn groups(&self, application: &SsoApplicationId) -> Option<BTreeSet<DirectoryGroupId>> {
        self.0.lock().unwrap().get(application).cloned()
    }
}

/// The provider, a SCIM server, and the push between them.
struct World {
    clock: Arc<FixedClock>,
    directory: Arc<Directory>,
    store: Arc<MemoryStore>,
    applications: Arc<Applications>,
    server: Arc<FakeServer>,
    sealer: Arc<Sealer>,
    pusher: Arc<Pusher>,
    /// A group that nobody is in yet.
    sales: DirectoryGroupId,
}

impl World {
    async fn new() -> Self {
        Self::with(FakeServer::default()).await
    }

    async fn with(server: FakeServer) -> Self {
        let clock = Arc::new(FixedClock::at(OffsetDateTime::UNIX_EPOCH));
        let directory = Directory::open(Arc::<directory::MemoryStore>::default(), clock.clone()).await.unwrap();
        let sealer = Arc::new(Sealer::new(&Secret::new(vec![7; 32])).unwrap());
        let (store, applications, server) = (Arc::default(), Arc::default(), Arc::new(server));
        let sales = NewGroup { display_name: "sales".to_owned(), ..NewGroup::default() };
        let sales = directory.create_group(sales).await.unwrap().id.clone();
        let pusher = open(&clock, &directory, &store, &applications, &server, &sealer).await;
        Self { clock, directory, store, applications, server, sealer, pusher, sales }
    }

    /// As after a restart.
    async fn reopen(&mut self) {
        self.pusher =
            open(&self.clock, &self.directory, &self.store, &self.applications, &self.server, &self.sealer).await;
    }

    /// A person who is in the group.
    async fn person(&self, user_name: &str) -> DirectoryUserId {
        let user = self.directory.create_user(new_user(user_name)).await.unwrap();
        self.change_members(&self.sales, &[&user.id], &[]).await;
        self.heard_user(&user.id);
        user.id.clone()
    }

    async fn group(&self, display_name: &str) -> DirectoryGroupId {
        let new = NewGroup { display_name: display_name.to_owned(), ..NewGroup::default() };
        self.directory.create_group(new).await.unwrap().id.clone()
    }

    async fn change_members(&self, group: &DirectoryGroupId, add: &[&DirectoryUserId], remove: &[&DirectoryUserId]) {
        let mut members = MemberEdit::default();
        members.add(add.iter().map(|id| (*id).clone()));
        members.remove(remove.iter().map(|id| (*id).clone()));
        let edit = |group: &directory::DirectoryGroup| {
            Ok::<_, directory::DirectoryError>(GroupEdit { members, ..GroupEdit::from(group) })
        };
        self.directory.update_group(group, None, edit).await.unwrap();
        let users = add.iter().chain(remove).map(|id| (*id).clone()).collect();
        self.pusher.heard(&directory::DirectoryChange::MembershipChanged { group: group.clone(), users });
    }

    async fn change(&self, user: &DirectoryUserId, change: impl FnOnce(&mut NewUser)) {
        let current: &DirectoryUser = &self.directory.user(user).unwrap();
        let mut next = NewUser::from(current);
        change(&mut next);
        self.directory.replace_user(user, None, next).await.unwrap();
        self.heard_user(user);
    }

    fn heard_user(&self, user: &DirectoryUserId) {
        self.pusher.heard(&directory::DirectoryChange::UserChanged(user.clone()));
    }

    /// A target for the group `sales`.
    async fn target(&self) -> PushTargetId {
        self.target_with(|_| {}).await
    }

    async fn target_with(&self, change: impl FnOnce(&mut NewTarget)) -> PushTargetId {
        let mut new = NewTarget {
            name: "Identity Center".to_owned(),
            url: "https://scim.example.com/v2/".to_owned(),
            token: Secret::from(TOKEN),
            private_network: false,
            assigned: Assigned::Groups([self.sales.clone()].into()),
            pushed_groups: BTreeSet::new(),
            deprovision: Deprovision::Deactivate,
            enabled: true,
        };
        change(&mut new);
        self.pusher.create_target(new).await.unwrap().id.clone()
    }

    /// Everything that can be done now is done.
    async fn settle(&self, target: &PushTargetId) {
        self.pusher.settle_now(target).await;
    }

    async fn full_sync(&self, target: &PushTargetId) -> Progress {
        let progress = self.pusher.start_full_sync(target).unwrap();
        self.settle(target).await;
        progress.borrow().clone()
    }

    async fn failures(&self, target: &PushTargetId) -> Vec<Failed> {
        self.pusher.failures(target, None, 100).await.unwrap()
    }

    fn at_server(&self, user_name: &str) -> Value {
        Value::Object(self.server.user(user_name).unwrap_or_else(|| panic!("{user_name} isn't at the server")))
    }
}

async fn open(
    clock: &Arc<FixedClock>,
    directory: &Arc<Directory>,
    store: &Arc<MemoryStore>,
    roster: &Arc<Applications>,
    transport: &Arc<FakeServer>,
    sealer: &Arc<Sealer>,
) -> Arc<Pusher> {
    let ports = Ports {
        store: store.clone(),
        directory: directory.clone(),
        roster: roster.clone(),
        transport: transport.clone(),
        sealer: sealer.clone(),
        clock: clock.clone(),
    };
    Pusher::open(ports).await.unwrap()
}

fn new_user(user_name: &str) -> NewUser {
    NewUser {
        user_name: user_name.to_owned(),
        active: true,
        display_name: Some(user_name.to_uppercase()),
        given_name: Some("Given".to_owned()),
        family_name: Some("Family".to_owned()),
        email: Some(format!("{user_name}@example.com")),
        origin: Origin::Api,
        ..NewUser::default()
    }
}
