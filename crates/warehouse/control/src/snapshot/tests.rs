use base::id::{ClusterId, SnapshotId, WarehouseId};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use super::{
    Snapshot, SnapshotKind, SnapshotSource, SnapshotStatus, automated_identifier, expires, identifier, retention,
};
use crate::ControlError;

const NOON: OffsetDateTime = datetime!(2026-03-01 12:00 UTC);

fn snapshot(kind: SnapshotKind, days: Option<u16>) -> Snapshot {
    Snapshot {
        id: SnapshotId::new("s"),
        identifier: "s".to_owned(),
        kind,
        is_final: false,
        status: SnapshotStatus::Available,
        source: SnapshotSource {
            identifier: ClusterId::new("c"),
            warehouse: WarehouseId::new("w"),
            node_type: "ra3.large".to_owned(),
            node_count: 1,
            master_username: "awsuser".to_owned(),
            db_name: "dev".to_owned(),
            port: 0,
            availability_zone: None,
            idc_application: None,
            maintenance_window: "sun:05:00-sun:05:30".to_owned(),
            automated_retention: 1,
            created: NOON,
        },
        bytes: 1,
        seconds: 1,
        created: NOON,
        retained_since: NOON,
        retention: days,
        tags: std::collections::BTreeMap::new(),
    }
}

#[test]
fn a_manual_snapshot_is_kept_as_it_says_and_an_automated_one_as_its_cluster_says() {
    for (kind, days, kept, end) in [
        (SnapshotKind::Manual, None, None, None),
        (SnapshotKind::Manual, None, Some(1), None),
        (SnapshotKind::Manual, Some(2), Some(0), Some(2)),
        (SnapshotKind::Automated, None, Some(35), Some(35)),
        // switched off, and the cluster gone
        (SnapshotKind::Automated, None, Some(0), Some(0)),
        (SnapshotKind::Automated, None, None, Some(0)),
    ] {
        let expected = end.map(|days| NOON + Duration::days(days));
        assert_eq!(expires(&snapshot(kind, days), kept), expected, "{kind:?} {days:?} {kept:?}");
    }
}

#[test]
fn identifiers_and_retentions_have_their_rules() {
    assert_eq!(identifier("P", "My-Snapshot-1").unwrap(), "my-snapshot-1");
    for wrong in ["", "1a", "-a", "a-", "a--b", "a_b", "rs:a", "a b", &"a".repeat(256)] {
        let error = identifier("P", wrong).unwrap_err();
        assert!(matches!(error, ControlError::Invalid { parameter: "P", .. }), "{wrong}");
    }
    for days in [None, Some(1), Some(3653)] {
        retention(days).unwrap();
    }
    for days in [0, 3654] {
        assert!(matches!(retention(Some(days)), Err(ControlError::InvalidRetentionPeriod(_))), "{days}");
    }
    assert_eq!(automated_identifier(&ClusterId::new("one"), NOON), "rs:one-2026-03-01-12-00-00");
}
