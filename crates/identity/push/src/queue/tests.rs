use base::id::DirectoryGroupId;
use time::Duration;

use super::*;

const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

fn user(name: &str) -> Object {
    Object::User(DirectoryUserId::new(name))
}

fn group(name: &str) -> Object {
    Object::Group(DirectoryGroupId::new(name))
}

fn later(seconds: i64) -> Decision {
    Decision { object_at: NOW + Duration::seconds(seconds), hold_until: None, pause: false }
}

fn attempts(count: u32) -> Attempts {
    Attempts { count, since: NOW }
}

fn taken(queue: &mut Queue) -> Vec<String> {
    std::iter::from_fn(|| queue.take(NOW)).map(|(object, _)| object.id().to_owned()).collect()
}

#[test]
fn losses_go_first_then_changes_then_the_rest_and_people_before_groups() {
    let mut queue = Queue::default();
    for (rank, object) in [
        (Rank::Sweep, group("e")),
        (Rank::Sweep, user("d")),
        (Rank::Changed, group("c")),
        (Rank::Changed, user("b")),
        (Rank::Urgent, user("z")),
    ] {
        queue.add(rank, object, Task::default());
    }
    let mut order = Vec::new();
    while let Some((object, _)) = queue.take(NOW) {
        order.push(object.id().to_owned());
        queue.succeeded(&object, Vec::new());
    }
    assert_eq!(order, ["z", "b", "c", "d", "e"]);
}

#[test]
fn a_loss_doesnt_wait_for_a_place() {
    let mut queue = Queue::default();
    for number in 0..20 {
        queue.add(Rank::Sweep, user(&format!("a{number:02}")), Task::default());
    }
    assert_eq!(taken(&mut queue).len(), ORDINARY);
    for number in 0..20 {
        queue.add(Rank::Urgent, user(&format!("z{number:02}")), Task::default());
    }
    assert_eq!(taken(&mut queue), ["z00", "z01", "z02", "z03"]);
}

#[test]
fn the_same_isnt_done_twice_at_a_time_and_not_forgotten() {
    let mut queue = Queue::default();
    queue.add(Rank::Sweep, user("a"), Task::default());
    queue.add(Rank::Changed, user("a"), Task { depth: Depth::Server, people: People::default() });
    let (object, task) = queue.take(NOW).unwrap();
    assert_eq!((task.depth, queue.len()), (Depth::Server, 1));
    queue.add(Rank::Urgent, user("a"), Task::default());
    assert_eq!(taken(&mut queue), Vec::<String>::new());
    queue.succeeded(&object, Vec::new());
    assert_eq!(taken(&mut queue), ["a"]);
}

#[test]
fn people_of_a_group_add_up() {
    let mut queue = Queue::default();
    let some = |name: &str| People::Some([DirectoryUserId::new(name)].into());
    queue.add(Rank::Changed, group("g"), Task { depth: Depth::Ledger, people: some("a") });
    queue.add(Rank::Changed, group("g"), Task { depth: Depth::Ledger, people: some("b") });
    let (object, task) = queue.take(NOW).unwrap();
    assert_eq!(task.people, People::Some([DirectoryUserId::new("a"), DirectoryUserId::new("b")].into()));
    queue.add(Rank::Changed, group("g"), Task { depth: Depth::Ledger, people: People::All });
    queue.failed(&object, task, attempts(1), &later(5));
    let (_, task) = queue.take(NOW).unwrap();
    assert_eq!((task.depth, task.people), (Depth::Server, People::All));
}

#[test]
fn what_failed_comes_back_in_time_or_when_it_changes() {
    let mut queue = Queue::default();
    for name in ["a", "b"] {
        queue.add(Rank::Changed, user(name), Task::default());
    }
    while let Some((object, task)) = queue.take(NOW) {
        queue.failed(&object, task, attempts(1), &later(5));
    }
    assert_eq!((queue.next_at(), queue.len()), (Some(NOW + Duration::seconds(5)), 2));
    queue.add(Rank::Changed, user("b"), Task::default());
    assert_eq!(taken(&mut queue), ["b"]);
    let (object, _) = queue.take(NOW + Duration::seconds(5)).unwrap();
    assert!(object == user("a") && queue.succeeded(&object, Vec::new()));
    assert_eq!(queue.next_at(), None);
}

#[test]
fn nothing_is_taken_while_held_or_closed() {
    let mut queue = Queue::default();
    queue.add(Rank::Urgent, user("a"), Task::default());
    queue.hold_until = Some(NOW + Duration::SECOND);
    assert_eq!((taken(&mut queue).len(), queue.next_at()), (0, Some(NOW + Duration::SECOND)));
    queue.hold_until = None;
    queue.is_closed = true;
    assert_eq!((taken(&mut queue).len(), queue.next_at()), (0, None));
    queue.is_closed = false;
    assert_eq!(taken(&mut queue).len(), 1);
}

#[test]
fn a_group_waits_for_people_who_are_on_their_way() {
    let mut queue = Queue::default();
    queue.add(Rank::Sweep, user("a"), Task::default());
    queue.add(Rank::Sweep, group("g"), Task::default());
    let (object, _) = queue.take(NOW).unwrap();
    assert_eq!(taken(&mut queue), Vec::<String>::new());
    queue.succeeded(&object, Vec::new());
    assert_eq!(taken(&mut queue), ["g"]);
}

#[test]
fn a_sync_counts_each_of_its_own_once() {
    let mut queue = Queue::default();
    queue.begin_sync();
    assert_eq!(queue.sync(), (0, 0, 0, true));
    for name in ["a", "b", "a"] {
        queue.add_to_sync(&user(name));
        queue.add(Rank::Sweep, user(name), Task::default());
    }
    queue.sync_listed();
    queue.add(Rank::Changed, user("stranger"), Task::default());
    while let Some((object, task)) = queue.take(NOW) {
        if object == user("b") {
            queue.failed(&object, task, attempts(1), &later(5));
        } else {
            queue.succeeded(&object, Vec::new());
        }
    }
    assert_eq!(queue.sync(), (2, 2, 1, false));
}

#[test]
fn a_sync_isnt_over_before_what_it_led_to() {
    let mut queue = Queue::default();
    // The group is under way for another reason when the sync begins.
    queue.add(Rank::Changed, group("g"), Task::default());
    let (earlier, _) = queue.take(NOW).unwrap();
    queue.begin_sync();
    for object in [group("g"), user("a")] {
        queue.add_to_sync(&object);
        queue.add(Rank::Sweep, object, Task::default());
    }
    queue.sync_listed();
    queue.succeeded(&earlier, Vec::new());
    assert_eq!(queue.sync(), (2, 0, 0, true));
    queue.add(Rank::Changed, group("g"), Task::default());
    let (first, _) = queue.take(NOW).unwrap();
    queue.succeeded(&first, Vec::new());
    assert_eq!((first, queue.sync()), (group("g"), (2, 1, 0, true)));
    let (person, _) = queue.take(NOW).unwrap();
    queue.succeeded(&person, vec![(group("g"), Task::default())]);
    assert_eq!(queue.sync(), (2, 2, 0, true), "the person isn't in the group yet");
    let (last, _) = queue.take(NOW).unwrap();
    queue.succeeded(&last, Vec::new());
    assert_eq!(queue.sync(), (2, 2, 0, false));
}

#[test]
fn a_sync_ends_though_a_group_was_looked_at_again_before_it_was_listed() {
    let (ethan, sales) = (user("ethan"), group("sales"));
    let mut queue = Queue::new(false);
    queue.begin_sync();
    queue.add_to_sync(&ethan);
    queue.add(Rank::Sweep, ethan.clone(), Task::default());
    queue.take(NOW).unwrap();
    queue.succeeded(&ethan, vec![(sales.clone(), Task::default())]);
    queue.add_to_sync(&sales);
    queue.add(Rank::Sweep, sales.clone(), Task::default());
    queue.sync_listed();
    queue.take(NOW).unwrap();
    queue.succeeded(&sales, Vec::new());
    assert_eq!(queue.sync(), (2, 2, 0, false));
}
