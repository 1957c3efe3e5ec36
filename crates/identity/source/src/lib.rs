//! Identity sources of Identity Center beside its own directory: configuration, choice, sign-ins in flight, who is meant.
//!
//! A sign-in is verified by `saml` or `oidc`; here is decided whether it was expected, whether it counts for the first time, who it is
//! about, and what they may become by it. Every check is written down as it is made ([`base::Checks`]).

mod certificate;
mod choice;
mod denial;
mod edit;
mod error;
mod explain;
mod flow;
mod groups;
mod link;
mod memory;
mod model;
mod plan;
mod port;
mod rules;
mod service;
mod state;
mod stored;
mod subject;
mod urls;

pub use base::id::SourceId;
pub use certificate::{CertificateStatus, certificate_status};
pub use choice::{Choice, Choices};
pub use denial::mend::{MendContext, mend};
pub use denial::{PersonPage, SignInDenial};
pub use edit::{MetadataFrom, NewKind, NewOidc, NewSaml, NewSource, OidcEdit, SamlEdit, SourceEdit};
pub use error::SourceError;
pub use explain::{Story, StoryCheck, StoryStep, explain};
pub use flow::{FLOW_LIFETIME, flow_key};
pub use memory::MemoryStore;
pub use model::{
    FederatedSession, IdentitySource, MatchBy, OidcSource, SamlSource, SourceKind, SubjectFrom, SubjectMapping,
};
pub use plan::SourceChange;
pub use port::{Link, SourceStore, SourceStoreUnavailable, SourceWrite, StoredSource, StoredSources, UseMark};
pub use service::{
    Admitted, Begun, Denied, FlowCookie, LoggedOut, Refreshed, SamlLogout, SignIn, SourcePorts, Sources,
};
pub use urls::SourceUrls;
