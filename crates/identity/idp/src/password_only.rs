//! Signing in where no page can ask for a second step: the form plugins of Redshift's drivers, which know a name and a password.

use base::CorrelationId;
use directory::ActiveUser;

use crate::sign_in::Flow;

/// Whether the pages of the form plugins answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FormPlugins {
    /// A program that holds a person's password isn't wanted.
    #[default]
    Off,
    On,
}

impl FormPlugins {
    /// A stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::On => "on",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Off, Self::On].into_iter().find(|value| value.name() == name)
    }
}

/// Somebody who has just proven who they are, and has nothing else to prove. It leads to one assertion.
#[derive(Debug, Clone)]
pub struct Proven {
    pub(crate) flow: Flow,
    pub(crate) user: ActiveUser,
}

impl Proven {
    #[must_use]
    pub const fn user(&self) -> &ActiveUser {
        &self.user
    }

    /// From the sign-in.
    #[must_use]
    pub fn correlation(&self) -> CorrelationId {
        CorrelationId::resume(self.flow.correlation.clone())
    }
}

/// Where a right password leads.
#[derive(Debug, Clone)]
pub enum PasswordOnly {
    In(Box<Proven>),
    /// The person has a second factor.
    SecondFactor(ActiveUser),
    /// The policy requires a second factor and none is enrolled.
    Enrol(ActiveUser),
    /// It is a one-time password.
    ChoosePassword(ActiveUser),
}
