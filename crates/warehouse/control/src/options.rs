//! Options of clusters, and the rules for them.

#[cfg(test)]
mod tests;

use base::Secret;
use base::id::SecurityGroupId;
use time::{Duration, OffsetDateTime, Time, Weekday};

use crate::ControlError;
use crate::check::must;

/// Nodes of one cluster (Redshift quota, the largest of all node types).
const NODES_MAX: u32 = 128;
/// Where none is chosen; in UTC.
pub const DEFAULT_WINDOW: &str = "sun:05:00-sun:05:30";
const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];
const MINUTES_OF_A_WEEK: u32 = 7 * 24 * 60;

/// The password of a new warehouse's administrator.
#[derive(Debug, Clone)]
pub enum MasterPassword {
    Given(Secret<String>),
    /// Made here, and shown by Secrets Manager.
    Managed,
    /// It comes with the data of a snapshot.
    Kept,
}

impl From<Secret<String>> for MasterPassword {
    fn from(password: Secret<String>) -> Self {
        Self::Given(password)
    }
}

/// What CreateCluster may be told beside the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterOptions {
    /// Shown as it was given: every cluster has what the machine of this server has.
    pub node_count: u32,
    /// Empty: the default group of the cluster's VPC.
    pub vpc_security_groups: Vec<SecurityGroupId>,
    /// The default VPC's subnets where it isn't given.
    pub subnet_group: Option<String>,
    /// Shown as it was given.
    pub availability_zone: Option<String>,
    /// `default.redshift-1.0` where it isn't given.
    pub parameter_group: Option<String>,
    /// `ddd:hh24:mi-ddd:hh24:mi` in UTC. Nothing is upgraded by itself outside of it, nor inside: an operator does it.
    pub maintenance_window: Option<String>,
    /// Days that automated snapshots are kept, 0 to 35; 0 makes none.
    pub automated_retention: u8,
    /// Days that manual snapshots are kept, 1 to 3653; -1 is for ever.
    pub manual_retention: i32,
}

impl Default for ClusterOptions {
    fn default() -> Self {
        Self {
            node_count: 1,
            vpc_security_groups: Vec::new(),
            subnet_group: None,
            availability_zone: None,
            parameter_group: None,
            maintenance_window: None,
            automated_retention: 1,
            manual_retention: -1,
        }
    }
}

impl ClusterOptions {
    pub(crate) fn check(&self) -> Result<(), ControlError> {
        node_count(self.node_count)?;
        if let Some(window) = &self.maintenance_window {
            maintenance_window(window)?;
        }
        automated_retention(self.automated_retention)?;
        manual_retention(self.manual_retention)
    }
}

pub(crate) fn node_count(count: u32) -> Result<(), ControlError> {
    must((1..=NODES_MAX).contains(&count), "NumberOfNodes", "it is a number from 1 to 128")
}

pub(crate) fn automated_retention(days: u8) -> Result<(), ControlError> {
    must(
        days <= 35,
        "AutomatedSnapshotRetentionPeriod",
        "it is a number of days from 0 to 35; 0 makes no automated snapshots",
    )
}

pub(crate) fn manual_retention(days: i32) -> Result<(), ControlError> {
    let rule = "it is a number of days from 1 to 3653, or -1: for ever";
    must(days == -1 || (1..=3653).contains(&days), "ManualSnapshotRetentionPeriod", rule)
}

/// `ddd:hh24:mi-ddd:hh24:mi`, 30 minutes to 24 hours long (Redshift CreateCluster `PreferredMaintenanceWindow`).
pub(crate) fn maintenance_window(window: &str) -> Result<(), ControlError> {
    let parsed = window.split_once('-').and_then(|(from, to)| Some((minute_of_week(from)?, minute_of_week(to)?)));
    let length = parsed.map(|(from, to)| (to + MINUTES_OF_A_WEEK - from) % MINUTES_OF_A_WEEK);
    let rule = "it is ddd:hh24:mi-ddd:hh24:mi in UTC, such as sun:05:00-sun:05:30, and 30 minutes to 24 hours long";
    must(length.is_some_and(|length| (30..=24 * 60).contains(&length)), "PreferredMaintenanceWindow", rule)
}

/// When the window opens next.
#[must_use]
pub fn next_window(window: &str, now: OffsetDateTime) -> Option<OffsetDateTime> {
    let (from, _) = window.split_once('-')?;
    let minute = i64::from(minute_of_week(from)?);
    let now = now.to_offset(time::UtcOffset::UTC);
    let monday = now.date() - Duration::days(i64::from(now.weekday().number_days_from_monday()));
    let opens = monday.with_time(Time::MIDNIGHT).assume_utc() + Duration::minutes(minute);
    Some(if opens > now { opens } else { opens + Duration::WEEK })
}

/// Minutes since Monday 00:00.
fn minute_of_week(text: &str) -> Option<u32> {
    let mut parts = text.splitn(3, ':');
    let (day, hour, minute) = (parts.next()?, parts.next()?, parts.next()?);
    let (_, weekday) = DAYS.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(day))?;
    let number = |text: &str, limit: u32| {
        let plain = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|number: &u32| plain && *number < limit)
    };
    let days = u32::from(weekday.number_days_from_monday());
    Some(days * 24 * 60 + number(hour, 24)? * 60 + number(minute, 60)?)
}
