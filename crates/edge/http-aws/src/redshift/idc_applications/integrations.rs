//! `ServiceIntegrations`: what an Identity Center session of Redshift may be used for.

use crate::error::ApiError;
use crate::protocol::query::{Fields, Structure};
use crate::protocol::xml::Xml;

const PARAMETER: &str = "ServiceIntegrations";

/// Name of the service, of its scope, and what to do where a server can't enable it.
const SERVICES: [(&str, &str, Option<&str>); 3] = [
    ("LakeFormation", "LakeFormationQuery", Some("this server has no Lake Formation; grant on tables with GRANT")),
    ("S3AccessGrants", "ReadWriteAccess", Some("this server has no S3 Access Grants; load data with INSERT")),
    ("Redshift", "Connect", None),
];

/// What a request says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ServiceIntegrations {
    /// Whether people sign in to warehouses by it; `None` where nothing is said about it.
    pub(super) redshift_connect: Option<bool>,
}

impl ServiceIntegrations {
    pub(super) fn read(fields: &mut Fields<'_>) -> Result<Self, ApiError> {
        let mut said = [None; SERVICES.len()];
        for mut union in fields.structures(PARAMETER, "member")? {
            for ((service, scope, missing), said) in SERVICES.into_iter().zip(&mut said) {
                for item in union.structures(service, "member")? {
                    let enabled = authorization(item, scope)?;
                    if said.replace(enabled).is_some() {
                        return Err(invalid(format!("{service} is given twice; give it once")));
                    }
                    if let (true, Some(missing)) = (enabled, missing) {
                        return Err(invalid(format!("{service} can only be Disabled: {missing}")));
                    }
                }
            }
            union.finish()?;
        }
        let [_, _, redshift_connect] = said;
        Ok(Self { redshift_connect })
    }
}

fn invalid(rule: String) -> ApiError {
    ApiError::InvalidParameter { parameter: PARAMETER, rule }
}

/// `SCOPE.Authorization`: Enabled or Disabled.
fn authorization(mut item: Structure, scope: &str) -> Result<bool, ApiError> {
    let enabled = match item.optional(&format!("{scope}.Authorization")).as_deref() {
        Some("Enabled") => true,
        Some("Disabled") => false,
        Some(_) | None => return Err(invalid(format!("{scope}.Authorization must be Enabled or Disabled"))),
    };
    item.finish()?;
    Ok(enabled)
}

/// All three, so that nobody has to guess.
pub(super) fn write(xml: &mut Xml, redshift_connect: bool) {
    xml.element(PARAMETER, |xml| {
        for (service, scope, missing) in SERVICES {
            let enabled = missing.is_none() && redshift_connect;
            let write = |xml: &mut Xml| xml.text("Authorization", if enabled { "Enabled" } else { "Disabled" });
            xml.element("member", |xml| {
                xml.element(service, |xml| xml.element("member", |xml| xml.element(scope, write)));
            });
        }
    });
}
