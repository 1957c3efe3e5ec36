//! May this principal do this? The one place where IAM policies will be asked.

use base::Principal;

/// Why not, or by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub allowed: bool,
    pub reason: &'static str,
}

/// Decides. `action` is `<service>:<Operation>`, `resource` an ARN or `*`.
#[must_use]
pub fn authorize(principal: &Principal, action: &str, resource: &str) -> Decision {
    let (action, _resource) = (action, resource);
    if action == "sts:GetCallerIdentity" && *principal != Principal::Anonymous {
        return Decision { allowed: true, reason: "no permission is needed for it" };
    }
    match principal {
        Principal::Root { .. } => Decision { allowed: true, reason: "the account's root may do everything" },
        Principal::Anonymous
        | Principal::ScimClient { .. }
        | Principal::IdpAdministrator { .. }
        | Principal::DirectoryUser { .. }
        | Principal::DbUser { .. }
        | Principal::System => Decision { allowed: false, reason: "no identity-based policy allows the action" },
    }
}
