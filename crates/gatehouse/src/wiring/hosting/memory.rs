//! How much memory one warehouse may take.

use std::fs;

/// A warehouse's part of what all may take together, so that a few busy ones fit beside each other.
const SHARE: u64 = 4;
/// Below this the engine writes to disk all the time.
pub(super) const LEAST: u64 = 256 << 20;
/// Where the machine doesn't tell.
const ASSUMED: u64 = 4 << 30;

/// The limit of each warehouse's engine, in bytes.
pub(crate) fn limit() -> u64 {
    let machine = fs::read_to_string("/proc/meminfo").ok().and_then(|text| total(&text));
    let container = fs::read_to_string("/sys/fs/cgroup/memory.max").ok().and_then(|text| text.trim().parse().ok());
    share([machine, container].into_iter().flatten().min().unwrap_or(ASSUMED))
}

/// 80 % of the memory, as DuckDB would take for itself alone, in [`SHARE`] parts; not below [`LEAST`].
fn share(memory: u64) -> u64 {
    (memory / 10 * 8 / SHARE).max(LEAST)
}

/// `MemTotal` of Linux's `/proc/meminfo`, in bytes.
fn total(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
mod tests;
