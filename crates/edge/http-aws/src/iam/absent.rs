//! What nothing has here: passwords for a console, MFA devices, certificates, instance profiles. Clients that take down a user or a
//! role ask for each of them (Terraform, IAM User Guide "Deleting an IAM user"); they are told that there is none.

use std::marker::PhantomData;

use ::sts::Ask;

use super::call::{Entry, IamCall, entry, invalid_input, no_such_entity};
use super::fields::{self, PageRequest};
use super::target::Target;
use super::users::UserOrRoot;
use super::write;
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::Fields;
use crate::protocol::xml::Xml;
use crate::state::AwsState;

pub(super) const OPERATIONS: &[Entry] = &[
    entry::<NoneOfUser<MfaDevices>>(),
    entry::<NoneOfUser<SshPublicKeys>>(),
    entry::<NoneOfUser<SigningCertificates>>(),
    entry::<NoneOfUser<ServiceSpecificCredentials>>(),
    entry::<NoLoginProfile<Get>>(),
    entry::<NoLoginProfile<Delete>>(),
    entry::<ListVirtualMfaDevices>(),
    entry::<ListInstanceProfilesForRole>(),
    entry::<GetAccountPasswordPolicy>(),
];

/// A list in which nothing stands.
fn empty(list: &str) -> Answer {
    write::result(|xml: &mut Xml| {
        xml.element(list, |_| {});
        write::end_of_page(xml, None);
    })
}

/// No page follows the empty one.
pub(super) fn no_marker(fields: &mut Fields<'_>) -> Result<(), ApiError> {
    match PageRequest::read(fields)?.after {
        None => Ok(()),
        Some(_) => Err(invalid_input("Marker is not one that this operation gave.".to_owned())),
    }
}

/// What users may have with AWS.
trait OfUser: std::fmt::Debug + Send + Sync + 'static {
    const OPERATION: &'static str;
    const LIST: &'static str;
}

#[derive(Debug)]
struct MfaDevices;
#[derive(Debug)]
struct SshPublicKeys;
#[derive(Debug)]
struct SigningCertificates;
#[derive(Debug)]
struct ServiceSpecificCredentials;

impl OfUser for MfaDevices {
    const OPERATION: &'static str = "ListMFADevices";
    const LIST: &'static str = "MFADevices";
}

impl OfUser for SshPublicKeys {
    const OPERATION: &'static str = "ListSSHPublicKeys";
    const LIST: &'static str = "SSHPublicKeys";
}

impl OfUser for SigningCertificates {
    const OPERATION: &'static str = "ListSigningCertificates";
    const LIST: &'static str = "Certificates";
}

impl OfUser for ServiceSpecificCredentials {
    const OPERATION: &'static str = "ListServiceSpecificCredentials";
    const LIST: &'static str = "ServiceSpecificCredentials";
}

/// The empty list of a user who is there, the caller where none is named.
#[derive(Debug)]
struct NoneOfUser<W> {
    user: UserOrRoot,
    what: PhantomData<W>,
}

impl<W: OfUser> IamCall for NoneOfUser<W> {
    fn read(fields: &mut Fields<'_>, context: &Context<'_>) -> Result<Self, ApiError> {
        no_marker(fields)?;
        Ok(Self { user: UserOrRoot::read(fields, context)?, what: PhantomData })
    }
}

impl<W: OfUser> Operation for NoneOfUser<W> {
    const NAME: &'static str = W::OPERATION;

    fn resource(&self, state: &AwsState) -> String {
        self.user.target(state).arn
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![self.user.target(state).ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        self.user.check(context.state)?;
        Ok(empty(W::LIST))
    }
}

/// What is done to a login profile.
trait ToLoginProfile: std::fmt::Debug + Send + Sync + 'static {
    const OPERATION: &'static str;
}

#[derive(Debug)]
struct Get;
#[derive(Debug)]
struct Delete;

impl ToLoginProfile for Get {
    const OPERATION: &'static str = "GetLoginProfile";
}

impl ToLoginProfile for Delete {
    const OPERATION: &'static str = "DeleteLoginProfile";
}

/// A user has no password: there is no console.
#[derive(Debug)]
struct NoLoginProfile<T> {
    user: UserOrRoot,
    what: PhantomData<T>,
}

impl<T: ToLoginProfile> IamCall for NoLoginProfile<T> {
    fn read(fields: &mut Fields<'_>, context: &Context<'_>) -> Result<Self, ApiError> {
        UserOrRoot::read(fields, context).map(|user| Self { user, what: PhantomData })
    }
}

impl<T: ToLoginProfile> Operation for NoLoginProfile<T> {
    const NAME: &'static str = T::OPERATION;

    fn resource(&self, state: &AwsState) -> String {
        self.user.target(state).arn
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![self.user.target(state).ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        self.user.check(context.state)?;
        Err(no_such_entity(format!("Login Profile for User {} cannot be found.", self.user.name())))
    }
}

#[derive(Debug)]
struct ListVirtualMfaDevices;

impl IamCall for ListVirtualMfaDevices {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        fields::one_of(fields, "AssignmentStatus", &[("Assigned", ()), ("Unassigned", ()), ("Any", ())])?;
        no_marker(fields).map(|()| Self)
    }
}

impl Operation for ListVirtualMfaDevices {
    const NAME: &'static str = "ListVirtualMFADevices";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, _: &Context<'_>) -> Result<Answer, ApiError> {
        Ok(empty("VirtualMFADevices"))
    }
}

#[derive(Debug)]
struct ListInstanceProfilesForRole(String);

impl IamCall for ListInstanceProfilesForRole {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        no_marker(fields)?;
        fields.required("RoleName").map(Self)
    }
}

impl Operation for ListInstanceProfilesForRole {
    const NAME: &'static str = "ListInstanceProfilesForRole";

    fn resource(&self, state: &AwsState) -> String {
        Target::role(state, &self.0).arn
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![Target::role(state, &self.0).ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.iam.find_role(&self.0)?;
        Ok(empty("InstanceProfiles"))
    }
}

#[derive(Debug)]
struct GetAccountPasswordPolicy;

impl IamCall for GetAccountPasswordPolicy {
    fn read(_: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Ok(Self)
    }
}

impl Operation for GetAccountPasswordPolicy {
    const NAME: &'static str = "GetAccountPasswordPolicy";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let account = context.state.account();
        Err(no_such_entity(format!("The Password Policy with domain name {account} cannot be found.")))
    }
}
