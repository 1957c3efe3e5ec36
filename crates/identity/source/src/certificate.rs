//! Certificates of an identity provider: what each is worth now, and how a change rolls over.

#[cfg(test)]
mod tests;

use saml::SigningCertificate;
use time::{Duration, OffsetDateTime};

/// From so long before its end on, a certificate is shown as expiring.
const EXPIRING: Duration = Duration::days(30);

/// What a certificate is worth now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateStatus {
    NotYetValid,
    Valid,
    /// Valid for so many whole days more, 30 at most.
    Expiring {
        days: i64,
    },
    Expired,
}

impl CertificateStatus {
    /// A stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotYetValid => "NOT_YET_VALID",
            Self::Valid => "VALID",
            Self::Expiring { .. } => "EXPIRING",
            Self::Expired => "EXPIRED",
        }
    }
}

/// Decides by the certificate's own times; both ends count.
#[must_use]
pub fn certificate_status(
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
    now: OffsetDateTime,
) -> CertificateStatus {
    if now < not_before {
        CertificateStatus::NotYetValid
    } else if now > not_after {
        CertificateStatus::Expired
    } else if not_after - now <= EXPIRING {
        CertificateStatus::Expiring { days: (not_after - now).whole_days() }
    } else {
        CertificateStatus::Valid
    }
}

pub(crate) fn status(certificate: &SigningCertificate, now: OffsetDateTime) -> CertificateStatus {
    certificate_status(certificate.not_before(), certificate.not_after(), now)
}

/// What becomes of the certificates when metadata is read again.
#[derive(Debug)]
pub(crate) struct Merged {
    pub(crate) certificates: Vec<SigningCertificate>,
    /// SHA-256 of those that are new.
    pub(crate) added: Vec<String>,
    /// SHA-256 of those that had expired and that the metadata doesn't name any more.
    pub(crate) dropped: Vec<String>,
}

/// New ones beside the old: a provider publishes the next certificate before it signs with it, and signs with the old one for a
/// while. An old one goes when it is removed by hand, or when it has expired and isn't published any more.
pub(crate) fn merge(old: &[SigningCertificate], published: &[SigningCertificate], now: OffsetDateTime) -> Merged {
    let is_in =
        |list: &[SigningCertificate], one: &SigningCertificate| list.iter().any(|other| other.sha256() == one.sha256());
    let goes = |one: &SigningCertificate| status(one, now) == CertificateStatus::Expired && !is_in(published, one);
    let (dropped, mut certificates): (Vec<_>, Vec<_>) = old.iter().cloned().partition(goes);
    let mut added = Vec::new();
    for certificate in published {
        if !is_in(&certificates, certificate) {
            added.push(certificate.sha256().to_owned());
            certificates.push(certificate.clone());
        }
    }
    Merged { certificates, added, dropped: dropped.iter().map(|one| one.sha256().to_owned()).collect() }
}
