//! AWS's managed policies that the services here can do something with, in AWS's words (ReadOnlyAccess without the actions of other
//! services), one file each.

use std::collections::BTreeMap;
use std::sync::Arc;

use policy::{Document, DocumentKind};
use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;

use crate::{IamStoreUnavailable, ManagedPolicy, PolicyVersion, Tags};

const FILES: [(&str, &str); 26] = [
    ("AWSCloudTrail_FullAccess", include_str!("aws_managed/AWSCloudTrail_FullAccess.json")),
    ("AWSCloudTrail_ReadOnlyAccess", include_str!("aws_managed/AWSCloudTrail_ReadOnlyAccess.json")),
    ("AWSSSODirectoryAdministrator", include_str!("aws_managed/AWSSSODirectoryAdministrator.json")),
    ("AWSSSODirectoryReadOnly", include_str!("aws_managed/AWSSSODirectoryReadOnly.json")),
    ("AWSSSOMasterAccountAdministrator", include_str!("aws_managed/AWSSSOMasterAccountAdministrator.json")),
    ("AWSSSOMemberAccountAdministrator", include_str!("aws_managed/AWSSSOMemberAccountAdministrator.json")),
    ("AWSSSOReadOnly", include_str!("aws_managed/AWSSSOReadOnly.json")),
    ("AWSSSOServiceRolePolicy", include_str!("aws_managed/AWSSSOServiceRolePolicy.json")),
    ("AdministratorAccess", include_str!("aws_managed/AdministratorAccess.json")),
    ("AmazonRedshiftAllCommandsFullAccess", include_str!("aws_managed/AmazonRedshiftAllCommandsFullAccess.json")),
    ("AmazonRedshiftDataFullAccess", include_str!("aws_managed/AmazonRedshiftDataFullAccess.json")),
    ("AmazonRedshiftFederatedAuthorization", include_str!("aws_managed/AmazonRedshiftFederatedAuthorization.json")),
    ("AmazonRedshiftFullAccess", include_str!("aws_managed/AmazonRedshiftFullAccess.json")),
    ("AmazonRedshiftQueryEditor", include_str!("aws_managed/AmazonRedshiftQueryEditor.json")),
    ("AmazonRedshiftQueryEditorV2FullAccess", include_str!("aws_managed/AmazonRedshiftQueryEditorV2FullAccess.json")),
    ("AmazonRedshiftQueryEditorV2NoSharing", include_str!("aws_managed/AmazonRedshiftQueryEditorV2NoSharing.json")),
    ("AmazonRedshiftQueryEditorV2ReadSharing", include_str!("aws_managed/AmazonRedshiftQueryEditorV2ReadSharing.json")),
    (
        "AmazonRedshiftQueryEditorV2ReadWriteSharing",
        include_str!("aws_managed/AmazonRedshiftQueryEditorV2ReadWriteSharing.json"),
    ),
    ("AmazonRedshiftReadOnlyAccess", include_str!("aws_managed/AmazonRedshiftReadOnlyAccess.json")),
    ("AmazonRedshiftServiceLinkedRolePolicy", include_str!("aws_managed/AmazonRedshiftServiceLinkedRolePolicy.json")),
    ("AmazonVPCFullAccess", include_str!("aws_managed/AmazonVPCFullAccess.json")),
    ("AmazonVPCReadOnlyAccess", include_str!("aws_managed/AmazonVPCReadOnlyAccess.json")),
    ("IAMFullAccess", include_str!("aws_managed/IAMFullAccess.json")),
    ("IAMReadOnlyAccess", include_str!("aws_managed/IAMReadOnlyAccess.json")),
    ("PowerUserAccess", include_str!("aws_managed/PowerUserAccess.json")),
    ("ReadOnlyAccess", include_str!("aws_managed/ReadOnlyAccess.json")),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    id: String,
    path: String,
    version: u32,
    #[serde(with = "time::serde::rfc3339")]
    created: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    updated: OffsetDateTime,
    document: Value,
}

/// All of them, each with its one version.
///
/// # Errors
/// Never with the files as they are: a test reads them all.
pub(crate) fn policies() -> Result<Vec<ManagedPolicy>, IamStoreUnavailable> {
    FILES
        .iter()
        .map(|(name, text)| read(name, text).map_err(|why| IamStoreUnavailable(format!("{name}: {why}"))))
        .collect()
}

fn read(name: &str, text: &str) -> Result<ManagedPolicy, String> {
    let file: File = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let text = serde_json::to_string_pretty(&file.document).map_err(|error| error.to_string())?;
    let document = Document::parse(&text, DocumentKind::Identity).map_err(|error| error.to_string())?;
    let version = PolicyVersion { number: file.version, document: Arc::new(document), created: file.updated };
    Ok(ManagedPolicy {
        id: file.id,
        name: name.to_owned(),
        arn: format!("arn:aws:iam::aws:policy{}{name}", file.path),
        path: file.path,
        created: file.created,
        updated: file.updated,
        description: None,
        versions: BTreeMap::from([(file.version, version)]),
        default: file.version,
        latest: file.version,
        aws_managed: true,
        tags: Tags::default(),
    })
}
