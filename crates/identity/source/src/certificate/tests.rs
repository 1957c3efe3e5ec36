use time::{Duration, OffsetDateTime};

use super::{CertificateStatus, certificate_status};

#[test]
fn a_certificate_is_worth_what_its_times_say() {
    let from = OffsetDateTime::UNIX_EPOCH;
    let until = from + Duration::days(100);
    let table = [
        (Duration::seconds(-1), CertificateStatus::NotYetValid),
        (Duration::ZERO, CertificateStatus::Valid),
        (Duration::days(70) - Duration::SECOND, CertificateStatus::Valid),
        (Duration::days(70), CertificateStatus::Expiring { days: 30 }),
        (Duration::days(100) - Duration::SECOND, CertificateStatus::Expiring { days: 0 }),
        (Duration::days(100), CertificateStatus::Expiring { days: 0 }),
        (Duration::days(100) + Duration::SECOND, CertificateStatus::Expired),
    ];
    for (after, status) in table {
        assert_eq!(certificate_status(from, until, from + after), status, "{after}");
    }
}
