//! What an application may learn, and for how long (OpenID Connect Core 5.4 and 11).

use std::collections::BTreeSet;

/// A scope. Others aren't carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// An ID token and user information: always needed.
    OpenId,
    /// `name`, `given_name`, `family_name`, `preferred_username`, `updated_at`.
    Profile,
    /// `email`, `email_verified`.
    Email,
    /// The groups claim of the application.
    Groups,
    /// A refresh token, which lives on when the person has signed out.
    OfflineAccess,
}

impl Scope {
    /// Every scope, in the order of the discovery document.
    pub const ALL: [Self; 5] = [Self::OpenId, Self::Profile, Self::Email, Self::Groups, Self::OfflineAccess];

    /// As the protocol names it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpenId => "openid",
            Self::Profile => "profile",
            Self::Email => "email",
            Self::Groups => "groups",
            Self::OfflineAccess => "offline_access",
        }
    }

    /// What the person reads who is asked.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::OpenId => "Know who you are",
            Self::Profile => "Read your name and user name",
            Self::Email => "Read your e-mail address",
            Self::Groups => "Read which groups you are in",
            Self::OfflineAccess => "Keep this access while you are signed out",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }

    /// Separated by spaces.
    #[must_use]
    pub fn list(scopes: &BTreeSet<Self>) -> String {
        let names: Vec<&str> = scopes.iter().map(|scope| scope.name()).collect();
        names.join(" ")
    }

    /// Reads a list that is separated by spaces.
    ///
    /// # Errors
    /// The first name that isn't carried out.
    pub fn read(text: &str) -> Result<BTreeSet<Self>, String> {
        let names = text.split(' ').filter(|name| !name.is_empty());
        names.map(|name| Self::parse(name).ok_or_else(|| name.chars().take(64).collect())).collect()
    }
}
