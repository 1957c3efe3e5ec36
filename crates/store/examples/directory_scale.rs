//! How long a directory of 100,000 people, 10,000 groups and 1,000,000 memberships takes to fill, load and change, and how much
//! memory it holds: `cargo run --release -p store --example directory_scale [PEOPLE GROUPS MEMBERSHIPS]`.
#![expect(clippy::print_stdout, reason = "a measurement is printed")]

use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use base::SystemClock;
use base::id::{DirectoryGroupId, DirectoryUserId};
use directory::{Directory, DirectoryGroup, DirectoryStore, DirectoryUser, DirectoryWrite, NewUser, Origin, UserEdit};
use store::{SqliteDirectory, Store};
use time::OffsetDateTime;

type Failure = Box<dyn Error>;

/// The first argument of the process that is started to load and change: its memory is nothing but the directory's.
const LOAD: &str = "load";

/// People and groups of one transaction while filling.
const BATCH: usize = 1_000;

/// Resident memory in MiB, and the highest it was.
fn memory() -> Result<String, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let kib = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().trim_end_matches(" kB").parse::<u64>().ok()
    };
    let (now, most) = (kib("VmRSS:").ok_or("no VmRSS")?, kib("VmHWM:").ok_or("no VmHWM")?);
    Ok(format!("{} MiB resident, {} MiB at most", now / 1024, most / 1024))
}

fn report(what: &str, since: Instant) -> Result<(), Failure> {
    println!("{what:<58} {:>10.3} s   {}", since.elapsed().as_secs_f64(), memory()?);
    Ok(())
}

/// As a provisioning client sends them: name, address, and an attribute of the enterprise extension.
fn person(number: usize) -> DirectoryUser {
    let enterprise = serde_json::json!({"department": format!("Department {}", number % 50)});
    let mut attributes = serde_json::Map::new();
    attributes.insert("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User".to_owned(), enterprise);
    DirectoryUser {
        id: DirectoryUserId::new(base::id::uuid()),
        user_name: format!("person{number}@example.com"),
        external_id: Some(format!("00u{number:017}")),
        active: true,
        display_name: Some(format!("Person Number{number}")),
        given_name: Some("Person".to_owned()),
        family_name: Some(format!("Number{number}")),
        email: Some(format!("person{number}@example.com")),
        attributes,
        origin: Origin::Scim,
        version: 1,
        created: OffsetDateTime::UNIX_EPOCH,
        modified: OffsetDateTime::UNIX_EPOCH,
    }
}

fn group(number: usize) -> DirectoryGroup {
    DirectoryGroup {
        id: DirectoryGroupId::new(base::id::uuid()),
        display_name: format!("Group {number}"),
        external_id: Some(format!("00g{number:017}")),
        attributes: serde_json::Map::new(),
        origin: Origin::Scim,
        version: 1,
        created: OffsetDateTime::UNIX_EPOCH,
        modified: OffsetDateTime::UNIX_EPOCH,
    }
}

async fn fill(store: &SqliteDirectory, people: usize, groups: usize, memberships: usize) -> Result<(), Failure> {
    let start = Instant::now();
    let people: Vec<DirectoryUser> = (0..people).map(person).collect();
    let ids: Vec<DirectoryUserId> = people.iter().map(|user| user.id.clone()).collect();
    for some in people.chunks(BATCH) {
        let writes: Vec<_> = some.iter().map(|user| DirectoryWrite::PutUser(Arc::new(user.clone()))).collect();
        store.apply(&writes).await?;
    }
    drop(people);
    report("filled: people", start)?;
    let start = Instant::now();
    let each = memberships / groups.max(1);
    for number in 0..groups {
        let group = group(number);
        let from = (number * each) % ids.len();
        let users = ids.iter().cycle().skip(from).take(each).cloned().collect();
        let id = group.id.clone();
        let writes = [DirectoryWrite::PutGroup(Arc::new(group)), DirectoryWrite::AddMembers { group: id, users }];
        store.apply(&writes).await?;
    }
    report("filled: groups with their members, a transaction each", start)
}

async fn one_by_one(directory: &Directory) -> Result<(), Failure> {
    const CHANGES: usize = 1_000;
    let start = Instant::now();
    for number in 0..CHANGES {
        let user_name = format!("late{number}@example.com");
        directory.create_user(NewUser { user_name, active: true, ..NewUser::default() }).await?;
    }
    report("1,000 people created, one by one", start)?;
    let (users, _) = directory.users_at(0, CHANGES);
    let start = Instant::now();
    for user in &users {
        let off = |user: &DirectoryUser| {
            Ok::<_, directory::DirectoryError>(UserEdit::from(NewUser { active: false, ..NewUser::from(user) }))
        };
        directory.update_user(&user.id, None, off).await?;
    }
    report("1,000 people deactivated, one by one", start)?;
    let groups = directory.groups(None, CHANGES);
    let start = Instant::now();
    for (group, user) in groups.iter().zip(&users) {
        directory.change_members(&group.id, std::slice::from_ref(&user.id), &[]).await?;
    }
    report("1,000 people added to a group each", start)
}

async fn one_large_group(directory: &Directory, people: usize) -> Result<(), Failure> {
    let everybody: Vec<DirectoryUserId> = directory.users(None, people).iter().map(|user| user.id.clone()).collect();
    let group = directory.groups(None, 1).first().ok_or("no group")?.id.clone();
    let start = Instant::now();
    directory.replace_members(&group, &everybody).await?;
    report("a group's members replaced by everybody", start)?;
    let start = Instant::now();
    for user in everybody.iter().take(100) {
        directory.change_members(&group, &[], std::slice::from_ref(user)).await?;
        directory.change_members(&group, std::slice::from_ref(user), &[]).await?;
    }
    report("100 removed from it and added again, one by one", start)?;
    let start = Instant::now();
    let mut pages = 0;
    let mut after: Option<DirectoryUserId> = None;
    loop {
        let page = directory.members_after(&group, after.as_ref(), 100);
        let Some(last) = page.last() else { break };
        after = Some(last.id.clone());
        pages += 1;
    }
    report(&format!("it listed by cursor, {pages} pages"), start)?;
    let start = Instant::now();
    let (page, total) = directory.members_at(&group, people / 2, 100);
    let pairs: Vec<_> = page.iter().map(|user| (group.clone(), user.id.clone())).collect();
    let ids = directory.membership_ids(&pairs).await?;
    report(&format!("its middle page of {total} with {} membership ids", ids.iter().flatten().count()), start)?;
    let start = Instant::now();
    directory.replace_members(&group, &[]).await?;
    report("everybody removed from it", start)
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, path] = arguments.as_slice()
        && first == LOAD
    {
        return measure(std::path::Path::new(path)).await;
    }
    let sizes: Vec<usize> = arguments.iter().map(|size| size.parse()).collect::<Result<_, _>>()?;
    let [people, groups, memberships] = sizes.as_slice() else {
        return run(100_000, 10_000, 1_000_000).await;
    };
    run(*people, *groups, *memberships).await
}

async fn run(people: usize, groups: usize, memberships: usize) -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("control.sqlite");
    println!("{people} people, {groups} groups, {memberships} memberships; {}", memory()?);
    let store = Store::open(&path).await?;
    fill(&SqliteDirectory::new(&store), people, groups, memberships).await?;
    println!("the file: {} MiB", std::fs::metadata(&path)?.len() / (1 << 20));
    store.close().await;
    let loading = std::process::Command::new(std::env::current_exe()?).arg(LOAD).arg(&path).status()?;
    if loading.success() { Ok(()) } else { Err("the second process failed".into()) }
}

async fn measure(path: &std::path::Path) -> Result<(), Failure> {
    let store = Store::open(path).await?;
    println!("a new process: {}", memory()?);
    let start = Instant::now();
    let directory = Directory::open(Arc::new(SqliteDirectory::new(&store)), Arc::new(SystemClock)).await?;
    report("loaded", start)?;
    one_by_one(&directory).await?;
    one_large_group(&directory, directory.user_count()).await?;
    store.close().await;
    Ok(())
}
