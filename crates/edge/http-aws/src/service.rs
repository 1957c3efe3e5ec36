//! The services that are spoken here.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Sts,
    Iam,
    Ec2,
    Redshift,
    SsoAdmin,
    IdentityStore,
    Organizations,
    RedshiftServerless,
    SecretsManager,
    CloudTrail,
    /// Our own operations, for the command line: what AWS has in its console only.
    Gatehouse,
}

/// How a service's requests and answers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// Form parameters in, XML out.
    Query,
    /// Query with EC2's own frames of answers and errors.
    Ec2,
    /// JSON 1.1
    Json,
}

impl Service {
    const ALL: [Self; 11] = [
        Self::Sts,
        Self::Iam,
        Self::Ec2,
        Self::Redshift,
        Self::SsoAdmin,
        Self::IdentityStore,
        Self::Organizations,
        Self::RedshiftServerless,
        Self::SecretsManager,
        Self::CloudTrail,
        Self::Gatehouse,
    ];

    /// In credential scopes.
    pub(crate) const fn signing_name(self) -> &'static str {
        match self {
            Self::Sts => "sts",
            Self::Iam => "iam",
            Self::Ec2 => "ec2",
            Self::Redshift => "redshift",
            Self::SsoAdmin => "sso",
            Self::IdentityStore => "identitystore",
            Self::Organizations => "organizations",
            Self::RedshiftServerless => "redshift-serverless",
            Self::SecretsManager => "secretsmanager",
            Self::CloudTrail => "cloudtrail",
            Self::Gatehouse => "gatehouse",
        }
    }

    /// In IAM actions: `<prefix>:<Operation>`.
    pub(crate) const fn action_prefix(self) -> &'static str {
        self.signing_name()
    }

    pub(crate) const fn protocol(self) -> Protocol {
        match self {
            Self::Sts | Self::Iam | Self::Redshift => Protocol::Query,
            Self::Ec2 => Protocol::Ec2,
            Self::SsoAdmin
            | Self::IdentityStore
            | Self::Organizations
            | Self::RedshiftServerless
            | Self::SecretsManager
            | Self::CloudTrail
            | Self::Gatehouse => Protocol::Json,
        }
    }

    /// The form parameter `Version` of the Query protocol.
    const fn version(self) -> Option<&'static str> {
        match self {
            Self::Sts => Some("2011-06-15"),
            Self::Iam => Some("2010-05-08"),
            Self::Ec2 => Some("2016-11-15"),
            Self::Redshift => Some("2012-12-01"),
            Self::SsoAdmin
            | Self::IdentityStore
            | Self::Organizations
            | Self::RedshiftServerless
            | Self::SecretsManager
            | Self::CloudTrail
            | Self::Gatehouse => None,
        }
    }

    /// What stands before `.Operation` in `X-Amz-Target`.
    const fn target_prefix(self) -> Option<&'static str> {
        match self {
            Self::SsoAdmin => Some("SWBExternalService"),
            Self::IdentityStore => Some("AWSIdentityStore"),
            Self::Organizations => Some("AWSOrganizationsV20161128"),
            Self::RedshiftServerless => Some("RedshiftServerless"),
            Self::SecretsManager => Some("secretsmanager"),
            Self::CloudTrail => Some("com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101"),
            Self::Gatehouse => Some("Gatehouse"),
            Self::Sts | Self::Iam | Self::Ec2 | Self::Redshift => None,
        }
    }

    /// The member of a JSON error that holds its text, as the models write it.
    pub(crate) const fn message_member(self) -> &'static str {
        match self {
            Self::RedshiftServerless => "message",
            Self::Sts
            | Self::Iam
            | Self::Ec2
            | Self::Redshift
            | Self::SsoAdmin
            | Self::IdentityStore
            | Self::Organizations
            | Self::SecretsManager
            | Self::CloudTrail
            | Self::Gatehouse => "Message",
        }
    }

    pub(crate) const fn xml_namespace(self) -> &'static str {
        match self {
            Self::Sts => "https://sts.amazonaws.com/doc/2011-06-15/",
            Self::Iam => "https://iam.amazonaws.com/doc/2010-05-08/",
            Self::Ec2 => "http://ec2.amazonaws.com/doc/2016-11-15/",
            Self::Redshift => "http://redshift.amazonaws.com/doc/2012-12-01/",
            Self::SsoAdmin
            | Self::IdentityStore
            | Self::Organizations
            | Self::RedshiftServerless
            | Self::SecretsManager
            | Self::CloudTrail
            | Self::Gatehouse => "",
        }
    }

    /// Whether a client may sign for `us-east-1` wherever the server is: global services, and sts with its global endpoint.
    pub(crate) const fn takes_global_region(self) -> bool {
        match self {
            Self::Sts | Self::Iam | Self::Organizations => true,
            Self::Ec2
            | Self::Redshift
            | Self::SsoAdmin
            | Self::IdentityStore
            | Self::RedshiftServerless
            | Self::SecretsManager
            | Self::CloudTrail
            | Self::Gatehouse => false,
        }
    }

    /// Whether a denial tells its decision in an encoded message (EC2 API "Example error response").
    pub(crate) fn encodes_denials(self) -> bool {
        self.signing_name() == "ec2"
    }

    pub(crate) fn by_version(version: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.version() == Some(version))
    }

    pub(crate) fn by_target_prefix(prefix: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.target_prefix() == Some(prefix))
    }
}
