use super::server::{answer, error};
use super::*;

fn is_about(request: &ScimRequest, text: &str) -> bool {
    request.body.as_ref().is_some_and(|body| body.to_string().contains(text))
}

#[tokio::test]
async fn one_persons_error_is_theirs_and_is_tried_again_ever_later() {
    let world = World::new().await;
    let ethan = world.person("ethan").await;
    world.person("fiona").await;
    world.server.fault(|request| is_about(request, "ethan").then(|| error(400, "displayName is too loud.")));
    let target = world.target().await;
    world.settle(&target).await;
    assert!(world.server.user("fiona").is_some());
    let failure = world.failures(&target).await.remove(0);
    assert_eq!((failure.object, failure.name.as_str(), failure.attempts), (Object::User(ethan), "ethan", 1));
    assert!(
        failure.message.starts_with("The server answers 400 and says: displayName is too loud."),
        "{}",
        failure.message
    );
    assert_eq!(failure.next_retry - world.clock.now(), Duration::seconds(5));
    world.server.taken_log();
    world.clock.advance(Duration::seconds(4));
    world.settle(&target).await;
    assert_eq!(world.server.taken_log(), Vec::<String>::new(), "it isn't time yet");
    world.clock.advance(Duration::seconds(1));
    world.settle(&target).await;
    let again = world.failures(&target).await.remove(0);
    assert_eq!((again.attempts, again.next_retry - world.clock.now()), (2, Duration::seconds(10)));
    assert_eq!(again.since, failure.since);
    world.server.mended();
    world.pusher.retry_now(&target).await.unwrap();
    world.settle(&target).await;
    assert!(world.server.user("ethan").is_some() && world.failures(&target).await.is_empty());
}

#[tokio::test]
async fn a_change_of_the_person_is_tried_at_once() {
    let world = World::new().await;
    let ethan = world.person("ethan").await;
    world.server.fault(|request| is_about(request, "ETHAN").then(|| error(400, "too loud")));
    let target = world.target().await;
    world.settle(&target).await;
    assert_eq!(world.failures(&target).await.len(), 1);
    world.change(&ethan, |ethan| ethan.display_name = Some("Ethan".to_owned())).await;
    world.settle(&target).await;
    assert_eq!(
        (world.at_server("ethan")["displayName"].as_str(), world.failures(&target).await.len()),
        (Some("Ethan"), 0)
    );
}

#[tokio::test]
async fn a_refused_token_pauses_until_there_is_another_one() {
    let world = World::new().await;
    for name in ["ethan", "fiona", "olivia"] {
        world.person(name).await;
    }
    world.server.fault(|request| (request.token.expose() == TOKEN).then(|| error(401, "expired")));
    let target = world.target().await;
    world.settle(&target).await;
    let status = world.pusher.status(&target).await.unwrap();
    let paused = status.paused.unwrap();
    assert!(paused.contains("401") && paused.contains("give the target another one"), "{paused}");
    assert_eq!(status.waiting, 3);
    world.server.taken_log();
    world.clock.advance(Duration::days(2));
    world.person("nina").await;
    world.settle(&target).await;
    assert_eq!(world.server.taken_log(), Vec::<String>::new());
    assert!(matches!(world.pusher.start_full_sync(&target), Err(PushError::Paused { .. })));
    let edit = TargetEdit { token: Some(Secret::from("a-new-one")), ..TargetEdit::default() };
    world.pusher.update_target(&target, None, edit).await.unwrap();
    world.settle(&target).await;
    assert_eq!(world.server.user_count(), 4);
    assert_eq!(world.pusher.status(&target).await.unwrap().paused, None);
}

#[tokio::test]
async fn a_pause_outlives_a_restart() {
    let mut world = World::new().await;
    world.person("ethan").await;
    world.server.fault(|_| Some(error(401, "expired")));
    let target = world.target().await;
    world.settle(&target).await;
    world.reopen().await;
    world.server.mended();
    world.settle(&target).await;
    assert_eq!(world.server.user_count(), 0);
    world.pusher.retry_now(&target).await.unwrap();
    world.settle(&target).await;
    assert_eq!(world.server.user_count(), 1);
}

#[tokio::test]
async fn an_address_that_isnt_allowed_pauses_with_the_words_of_the_transport() {
    let world = World::new().await;
    world.person("ethan").await;
    let words =
        "scim.example.com resolves to 127.0.0.1, which isn't a public address; add --private-network if that is meant";
    world.server.fault(move |_| Some(Err(TransportError::Refused(words.to_owned()))));
    let target = world.target().await;
    world.settle(&target).await;
    let paused = world.pusher.status(&target).await.unwrap().paused.unwrap();
    assert_eq!(paused.to_lowercase(), format!("{words}.").to_lowercase());
    let error = world.pusher.dry_run(&target).await.unwrap_err();
    assert!(error.to_string().contains("add --private-network"), "{error}");
}

#[tokio::test]
async fn a_server_that_asks_for_time_gets_it_from_everybody() {
    let world = World::new().await;
    for number in 0..20 {
        world.person(&format!("a{number}")).await;
    }
    world.server.fault(|_| Some(Ok(ScimAnswer { status: 429, retry_after: Some("30".to_owned()), body: Vec::new() })));
    let target = world.target().await;
    world.settle(&target).await;
    let asked = world.server.taken_log().len();
    assert!(asked <= 6, "{asked} requests were under way");
    let status = world.pusher.status(&target).await.unwrap();
    assert_eq!(status.held_until, Some(world.clock.now() + Duration::seconds(30)));
    world.server.mended();
    world.clock.advance(Duration::seconds(29));
    world.settle(&target).await;
    assert_eq!(world.server.taken_log(), Vec::<String>::new());
    world.clock.advance(Duration::seconds(1));
    world.settle(&target).await;
    assert_eq!((world.server.user_count(), world.failures(&target).await.len()), (20, 0));
}

#[tokio::test]
async fn a_server_that_is_away_is_left_alone_ever_longer() {
    let world = World::new().await;
    for number in 0..20 {
        world.person(&format!("a{number}")).await;
    }
    world.server.fault(|_| Some(Err(TransportError::Unreachable("nobody answers".to_owned()))));
    let target = world.target().await;
    let mut waits = Vec::new();
    for _ in 0..4 {
        world.settle(&target).await;
        let held = world.pusher.status(&target).await.unwrap().held_until.unwrap() - world.clock.now();
        waits.push(held.whole_seconds());
        world.clock.advance(held);
    }
    assert_eq!(waits, [5, 10, 20, 40]);
    assert!(world.failures(&target).await[0].message.contains("Nobody answers."));
    world.server.mended();
    world.clock.advance(Duration::hours(1));
    world.settle(&target).await;
    assert_eq!((world.server.user_count(), world.failures(&target).await.len()), (20, 0));
}

#[tokio::test]
async fn what_was_done_before_the_end_isnt_done_again() {
    let mut world = World::new().await;
    for number in 0..30 {
        world.person(&format!("a{number}")).await;
    }
    let mut left = 10;
    world.server.fault(move |request| {
        left -= i32::from(request.method == Method::Post);
        (left < 0).then(|| Err(TransportError::Unreachable("gone".to_owned())))
    });
    let target = world.target().await;
    world.settle(&target).await;
    assert_eq!(world.server.user_count(), 10);
    world.server.mended();
    world.reopen().await;
    world.server.taken_log();
    world.clock.advance(Duration::minutes(1));
    world.settle(&target).await;
    let posts = world.server.taken_log().iter().filter(|line| line.starts_with("POST")).count();
    assert_eq!((posts, world.server.user_count(), world.failures(&target).await.len()), (20, 30, 0));
}

#[tokio::test]
async fn a_token_that_a_server_repeats_isnt_in_the_errors() {
    let world = World::new().await;
    world.person("ethan").await;
    world.server.fault(|request| {
        (request.method == Method::Post).then(|| error(400, &format!("bad: {}", request.token.expose())))
    });
    let target = world.target().await;
    world.settle(&target).await;
    let failures = format!("{:?}", world.failures(&target).await);
    assert!(failures.contains("bad: …") && !failures.contains(TOKEN), "{failures}");
    assert!(!format!("{:?}", world.pusher).contains(TOKEN));
}

#[tokio::test]
async fn an_answer_that_isnt_scim_says_to_check_the_address() {
    let world = World::new().await;
    world.person("ethan").await;
    world.server.fault(|_| Some(answer(200, json!("<html>"))));
    let target = world.target().await;
    world.settle(&target).await;
    let message = world.failures(&target).await.remove(0).message;
    assert_eq!(message, "The server's answer is no SCIM resource; check the target's address.");
}

#[tokio::test]
async fn an_id_that_would_lead_elsewhere_isnt_used() {
    let world = World::new().await;
    world.person("ethan").await;
    world.server.fault(|request| (request.method == Method::Post).then(|| answer(201, json!({"id": ".."}))));
    let target = world.target().await;
    world.settle(&target).await;
    let message = world.failures(&target).await.remove(0).message;
    assert_eq!(message, "The server's answer is a resource without a usable id.");
    assert_eq!(world.pusher.status(&target).await.unwrap().users, 0);
}

#[tokio::test]
async fn a_full_sync_goes_on_with_others_and_counts_errors() {
    let world = World::new().await;
    for name in ["ethan", "fiona", "olivia"] {
        world.person(name).await;
    }
    let target = world.target_with(|new| new.pushed_groups = [world.sales.clone()].into()).await;
    world.settle(&target).await;
    world.server.set("ethan", "displayName", json!("x"));
    world.server.fault(|request| (request.method == Method::Patch).then(|| error(500, "oops")));
    let progress = world.full_sync(&target).await;
    assert_eq!(progress, Progress { total: 4, done: 4, errors: 1, running: false, paused: None });
    assert_eq!(world.failures(&target).await.len(), 1);
}
