//! Durations as they are kept: whole seconds.

use serde::{Deserialize, Deserializer, Serializer};
use time::Duration;

pub(super) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(duration.whole_seconds())
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    i64::deserialize(deserializer).map(Duration::seconds)
}
