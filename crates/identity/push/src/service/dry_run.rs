//! What a full sync would do.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use base::id::{DirectoryGroupId, DirectoryUserId, PushTargetId};
use futures_util::StreamExt as _;

use super::{Pusher, Slot};
use crate::error::PushError;
use crate::plan::{self, GroupStep, KnownUser, UserStep, WantedGroup};
use crate::queue::{Depth, People};
use crate::report::{Action, Line, Plan};
use crate::retry::{self, Failure};
use crate::run::Job;

/// Requests that are under way at a time.
const AT_A_TIME: usize = 6;
const PAGE: u32 = 500;

/// Somebody who will be at the server, and what leads there.
#[derive(Debug)]
struct Planned {
    user: DirectoryUserId,
    /// The id at the server; nothing for who isn't there yet.
    remote: Option<String>,
    is_wanted: bool,
    lines: Vec<Line>,
}

impl Pusher {
    /// Compares everybody with what the server has. Nothing is written, there or here.
    ///
    /// # Errors
    /// `UnknownTarget`, `Server` when it can't be asked at all, `Store`.
    pub async fn dry_run(&self, id: &PushTargetId) -> Result<Plan, PushError> {
        let slot: Arc<Slot> = self.slot(id)?;
        let job = self.job(&slot.target()).map_err(|cause| PushError::Server { cause })?;
        let job = &job;
        let mut people = futures_util::stream::iter(self.everybody(job).await?)
            .map(|user| async move { planned_user(job, user).await })
            .buffer_unordered(AT_A_TIME);
        let (mut lines, mut planned, mut names) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        while let Some(person) = people.next().await {
            let person = person?;
            let name = job.directory.user(&person.user).map(|user| user.user_name.clone());
            let name = name.unwrap_or_else(|| person.user.as_str().to_owned());
            // Who isn't there yet has no id there: our own stands for it.
            let remote = person.remote.unwrap_or_else(|| person.user.as_str().to_owned());
            names.insert(remote.clone(), name);
            if person.is_wanted {
                planned.insert(person.user, remote);
            }
            lines.extend(person.lines);
        }
        let pushed = job.store.groups(id).await?.into_iter().map(|row| row.group);
        let groups: BTreeSet<DirectoryGroupId> = pushed.chain(job.target.pushed_groups.iter().cloned()).collect();
        for group in groups {
            lines.extend(planned_group(job, &group, &planned, &names).await?);
        }
        Ok(Plan::of(lines))
    }

    async fn everybody(&self, job: &Job) -> Result<BTreeSet<DirectoryUserId>, PushError> {
        let mut everybody = BTreeSet::new();
        let mut after: Option<DirectoryUserId> = None;
        loop {
            let some = self.ports.store.users_after(&job.target.id, after.as_ref(), PAGE).await?;
            after = some.last().map(|row| row.user.clone());
            everybody.extend(some.into_iter().map(|row| row.user));
            if after.is_none() {
                break;
            }
        }
        for group in job.assigned.iter() {
            self.each_member(group, |user| {
                everybody.insert(user);
            })
            .await;
        }
        Ok(everybody)
    }
}

/// A failure of one person is a line of the plan; one of the server ends the dry run.
fn problem(job: &Job, name: &str, failure: &Failure) -> Result<Vec<Line>, PushError> {
    let decision = retry::decide(failure, 1, 1, job.target.created);
    if decision.pause || decision.hold_until.is_some() {
        return Err(PushError::Server { cause: failure.message().trim_end_matches('.').to_owned() });
    }
    Ok(vec![Line { detail: Some(failure.message()), ..Line::new(Action::Problem, name) }])
}

async fn planned_user(job: &Job, user: DirectoryUserId) -> Result<Planned, PushError> {
    let row = job.store.user(&job.target.id, &user).await?;
    let wanted = job.wanted(&user);
    let sent_name = row.as_ref().and_then(|row| row.sent.get("userName")).and_then(|name| name.as_str());
    let name = match job.directory.user(&user) {
        Some(user) => user.user_name.clone(),
        None => sent_name.unwrap_or(user.as_str()).to_owned(),
    };
    let is_wanted = wanted.is_some();
    let known = match job.known_user(&user, row.as_ref(), wanted.as_ref(), Depth::Server).await {
        Ok(known) => known,
        Err(failure) => {
            let lines = problem(job, &name, &failure)?;
            return Ok(Planned { user, remote: row.map(|row| row.remote), is_wanted: false, lines });
        }
    };
    let step = plan::user(wanted.as_ref(), known.as_ref(), job.target.deprovision);
    let remote = known.as_ref().map(|known| known.remote.clone());
    let adopts = |known: &KnownUser| known.sent.is_none();
    let line = |action, changes| Line { remote: remote.clone(), changes, ..Line::new(action, &name) };
    let lines = match step {
        UserStep::Nothing if known.as_ref().is_some_and(adopts) => vec![line(Action::AdoptUser, Vec::new())],
        UserStep::Nothing => Vec::new(),
        UserStep::Create => vec![line(Action::CreateUser, Vec::new())],
        UserStep::Change { changes, .. } if known.as_ref().is_some_and(adopts) => {
            vec![line(Action::AdoptUser, changes)]
        }
        UserStep::Change { changes, .. } => vec![line(Action::ChangeUser, changes)],
        UserStep::Deactivate { .. } => vec![line(Action::DeactivateUser, Vec::new())],
        UserStep::Delete { .. } => vec![line(Action::DeleteUser, Vec::new())],
    };
    Ok(Planned { user, remote, is_wanted, lines })
}

async fn planned_group(
    job: &Job,
    group: &DirectoryGroupId,
    planned: &BTreeMap<DirectoryUserId, String>,
    names: &BTreeMap<String, String>,
) -> Result<Vec<Line>, PushError> {
    let local = job.directory.group(group).filter(|_| job.target.pushed_groups.contains(group));
    let row = job.store.group(&job.target.id, group).await?;
    let old_name = row.as_ref().map(|row| row.display_name.clone());
    let name = local.as_ref().map(|local| local.display_name.clone()).or(old_name).unwrap_or_default();
    let known = match job.known_group(group, row.as_ref(), local.as_deref(), Depth::Server).await {
        Ok(known) => known,
        Err(failure) => return problem(job, &name, &failure),
    };
    let mut members = match job.members(group, &People::All, local.is_some()).await {
        Ok(members) => members,
        Err(failure) => return problem(job, &name, &failure),
    };
    // Those who aren't there yet, or under another id, are members when they are.
    members.ours.extend(planned.values().cloned());
    members.ours.extend(names.keys().cloned());
    let is_in = |(user, _): &(&DirectoryUserId, &String)| job.directory.is_member(group, user);
    let inside: BTreeSet<String> = planned.iter().filter(is_in).map(|(_, remote)| remote.clone()).collect();
    let wanted = local.as_ref().map(|local| WantedGroup { display_name: local.display_name.clone(), members: inside });
    let step = plan::group(wanted.as_ref(), known.as_ref(), &members.ours);
    let remote = known.as_ref().map(|known| known.remote.clone());
    let line = |action| Line { remote: remote.clone(), ..Line::new(action, &name) };
    let each = |action, some: &BTreeSet<String>| -> Vec<Line> {
        let named = |id: &String| names.get(id).cloned().unwrap_or_else(|| id.clone());
        some.iter().map(|id| Line { detail: Some(named(id)), ..line(action) }).collect()
    };
    let mut lines = Vec::new();
    if row.is_none() && known.is_some() {
        lines.push(line(Action::AdoptGroup));
    }
    match step {
        GroupStep::Nothing => {}
        GroupStep::Create { members } => {
            lines.push(line(Action::CreateGroup));
            lines.extend(each(Action::AddMember, &members));
        }
        GroupStep::Change { rename, add, remove, .. } => {
            if rename {
                let before = known.as_ref().map(|known| known.display_name.clone());
                lines.push(Line { detail: before.map(|before| format!("was {before}")), ..line(Action::RenameGroup) });
            }
            lines.extend(each(Action::AddMember, &add));
            lines.extend(each(Action::RemoveMember, &remove));
        }
        GroupStep::Delete { .. } => lines.push(line(Action::DeleteGroup)),
        GroupStep::Release { remove, .. } => {
            lines.push(line(Action::ReleaseGroup));
            lines.extend(each(Action::RemoveMember, &remove));
        }
    }
    Ok(lines)
}
