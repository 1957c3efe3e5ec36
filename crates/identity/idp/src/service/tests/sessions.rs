use base::{AuditEvent, AuditLog, AuditUnavailable};
use tokio::sync::mpsc;

use super::*;
use crate::session::{Participant, SessionEnd, SessionId};

#[derive(Debug)]
struct Heard(mpsc::UnboundedSender<AuditEvent>);

#[async_trait::async_trait]
impl AuditLog for Heard {
    async fn record(&self, event: AuditEvent) -> Result<(), AuditUnavailable> {
        self.0.send(event).map_err(|error| AuditUnavailable(error.to_string()))
    }
}

async fn ended(changes: &mut broadcast::Receiver<IdpChange>) -> (Vec<SessionId>, SessionEnd) {
    loop {
        if let IdpChange::SessionsEnded { sessions, reason, .. } = changes.recv().await.unwrap() {
            return (sessions, reason);
        }
    }
}

#[tokio::test]
async fn a_session_outlives_a_restart_and_ends_by_time() {
    let mut world = World::open().await;
    world.person("ethan").await;
    let signed_in = world.signed_in("ethan").await;
    world.restart().await;
    assert_eq!(world.provider.session(&signed_in.cookie).await.unwrap(), signed_in.session);
    world.clock.advance(Duration::minutes(59));
    assert!(world.provider.session(&signed_in.cookie).await.is_some());
    world.restart().await;
    world.clock.advance(Duration::minutes(59));
    assert!(world.provider.session(&signed_in.cookie).await.is_some(), "its use was written down");
    world.clock.advance(Duration::minutes(60));
    assert!(world.provider.session(&signed_in.cookie).await.is_none());
    assert!(!world.provider.session_is_live(signed_in.session.id()));
    world.provider.sweep_sessions().await.unwrap();
    assert!(world.store.load().await.unwrap().sessions.is_empty());
}

#[tokio::test]
async fn what_is_kept_of_a_session_does_not_open_it() {
    let world = World::open().await;
    world.person("ethan").await;
    let signed_in = world.signed_in("ethan").await;
    let stored = world.store.load().await.unwrap().sessions.remove(0);
    for known in [stored.hash.to_hex(), stored.id.as_str().to_owned(), String::new()] {
        assert!(world.provider.session(&Secret::new(known)).await.is_none());
    }
    assert!(!format!("{stored:?}{signed_in:?}").contains(signed_in.cookie.expose()));
}

#[tokio::test]
async fn signing_out_ends_one_session_and_all_of_a_person_can_be_ended() {
    let mut world = World::open().await;
    let ethan = world.person("ethan").await;
    let (one, two, three) =
        (world.signed_in("ethan").await, world.signed_in("ethan").await, world.signed_in("ethan").await);
    assert_eq!(world.provider.end_session(&one.cookie).await.unwrap().unwrap().id, *one.session.id());
    assert!(world.provider.end_session(&one.cookie).await.unwrap().is_none());
    let gone =
        world.provider.end_sessions_of(&ethan.id, Some(two.session.id()), SessionEnd::Administrator).await.unwrap();
    assert_eq!(gone.len(), 1);
    assert!(world.provider.session(&three.cookie).await.is_none());
    world.restart().await;
    assert!(world.provider.session(&two.cookie).await.is_some());
    assert_eq!(world.provider.sessions_of(&ethan.id).len(), 1);
}

#[tokio::test]
async fn a_session_of_somebody_deactivated_is_refused_before_anybody_ends_it() {
    let world = World::open().await;
    let ethan = world.person("ethan").await;
    let signed_in = world.signed_in("ethan").await;
    let inactive = NewUser { active: false, ..NewUser::from(&*ethan) };
    world.directory.replace_user(&ethan.id, None, inactive).await.unwrap();
    assert!(world.provider.session(&signed_in.cookie).await.is_none());
    assert!(world.provider.session_by_id(signed_in.session.id()).is_none());
}

#[tokio::test]
async fn deactivation_deletion_and_a_new_password_end_sessions_at_once_and_are_recorded() {
    let world = World::open().await;
    let (ethan, fiona, olivia) =
        (world.person("ethan").await, world.person("fiona").await, world.person("olivia").await);
    let (of_ethan, of_fiona, of_olivia) =
        (world.signed_in("ethan").await, world.signed_in("fiona").await, world.signed_in("olivia").await);
    let mut changes = world.provider.changes();
    let (sender, mut records) = mpsc::unbounded_channel();
    let watch = watch_directory(Arc::clone(&world.provider), Arc::new(Heard(sender)));
    let inactive = NewUser { active: false, ..NewUser::from(&*ethan) };
    world.directory.replace_user(&ethan.id, None, inactive).await.unwrap();
    assert_eq!(ended(&mut changes).await, (vec![of_ethan.session.id().clone()], SessionEnd::Deactivated));
    world.clock.advance(Duration::SECOND);
    world.directory.set_password(&fiona.id, Secret::from("another password")).await.unwrap();
    assert_eq!(ended(&mut changes).await, (vec![of_fiona.session.id().clone()], SessionEnd::PasswordChanged));
    world.directory.delete_user(&olivia.id, None).await.unwrap();
    assert_eq!(ended(&mut changes).await, (vec![of_olivia.session.id().clone()], SessionEnd::Deleted));
    for (session, reason) in [(&of_ethan, "deactivated"), (&of_fiona, "password_changed"), (&of_olivia, "deleted")] {
        let record = records.recv().await.unwrap();
        assert_eq!(record.target, session.session.id().as_str());
        assert_eq!(record.correlation, *session.session.correlation());
        assert!(record.fields.contains(&("reason", reason.to_owned())), "{record:?}");
    }
    watch.abort();
}

#[tokio::test]
async fn a_lost_group_ends_no_session_and_counts_at_the_next_opening() {
    let world = World::open().await;
    let ethan = world.person("ethan").await;
    let sales = world.group("sales", &[&ethan]).await;
    let app = world.redshift(&[&sales]).await;
    let signed_in = world.signed_in("ethan").await;
    world.provider.assertion(&signed_in.session, &app, None, None).await.unwrap();
    world.directory.change_members(&sales, &[], std::slice::from_ref(&ethan.id)).await.unwrap();
    assert!(world.provider.session(&signed_in.cookie).await.is_some());
    assert!(world.provider.assertion(&signed_in.session, &app, None, None).await.is_err());
}

#[tokio::test]
async fn what_belongs_to_people_and_groups_that_are_gone_goes_too() {
    let world = World::open().await;
    let ethan = world.person("ethan").await;
    let sales = world.group("sales", &[&ethan]).await;
    let finance = world.group("finance", &[]).await;
    let app = world.redshift(&[&sales, &finance]).await;
    let factors = crate::factors::PersonFactors::none(base::id::DirectoryUserId::new("deleted before"));
    world.store.apply(&[IdpWrite::PutFactors(Arc::new(factors))]).await.unwrap();
    let again = provider(&world.store, &world.directory, &world.sealer, &world.clock).await;
    let mut changes = again.changes();
    let (sender, _records) = mpsc::unbounded_channel();
    let watch = watch_directory(Arc::clone(&again), Arc::new(Heard(sender)));
    assert!(matches!(changes.recv().await.unwrap(), IdpChange::FactorsChanged(_)), "left over from before the start");
    world.directory.delete_group(&sales, None).await.unwrap();
    assert_eq!(changes.recv().await.unwrap(), IdpChange::ApplicationChanged(app.id.clone()));
    assert_eq!(again.application(&app.id).unwrap().groups, [finance].into());
    assert!(world.store.load().await.unwrap().factors.is_empty());
    watch.abort();
}

#[tokio::test]
async fn a_logout_request_finds_the_sessions_that_it_means() {
    let mut world = World::open().await;
    world.person("ethan").await;
    let app = world.redshift(&[]).await;
    let (one, two) = (world.signed_in("ethan").await, world.signed_in("ethan").await);
    let participant =
        Participant { application: app.id.clone(), name_id: "ethan".to_owned(), name_id_format: String::new() };
    for session in [&one, &two, &two] {
        world.provider.note_participant(session.session.id(), participant.clone()).await.unwrap();
    }
    world.restart().await;
    let find = |name: &str, indexes: &[&SessionId]| {
        let indexes: Vec<String> = indexes.iter().map(|id| id.as_str().to_owned()).collect();
        world.provider.sessions_of_participant(&app.id, name, &indexes)
    };
    assert_eq!(find("ethan", &[]).len(), 2);
    assert_eq!(find("ethan", &[one.session.id()]), [one.session.id().clone()]);
    assert!(find("fiona", &[one.session.id()]).is_empty());
    assert!(find("ethan", &[&SessionId::new("ses-other")]).is_empty());
    assert_eq!(world.provider.participants(two.session.id()), std::slice::from_ref(&participant));
    let gone =
        world.provider.end_session_by_id(two.session.id(), SessionEnd::LoggedOutByApplication).await.unwrap().unwrap();
    assert_eq!(gone.participants, [participant]);
    assert_eq!(find("ethan", &[]), [one.session.id().clone()]);
}
