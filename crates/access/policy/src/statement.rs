//! A statement, and what of it fits a request.

use crate::condition::Condition;
use crate::evaluate::Asked;
use crate::principal::{Named, Principals};
use crate::template::Template;
use crate::{Context, Effect, Request};

#[derive(Debug, Clone)]
pub(crate) struct Statement {
    /// Its `Sid`, or its number from 1.
    pub(crate) label: Box<str>,
    pub(crate) effect: Effect,
    /// `None` in documents whose kind has none.
    pub(crate) principals: Option<Principals>,
    /// In lower case.
    pub(crate) actions: Texts,
    /// `None` in trust policies.
    pub(crate) resources: Option<Texts>,
    pub(crate) conditions: Vec<Condition>,
}

/// `Action` or `NotAction`, `Resource` or `NotResource`.
#[derive(Debug, Clone)]
pub(crate) struct Texts {
    pub(crate) negated: bool,
    pub(crate) list: Vec<Template>,
}

impl Texts {
    /// A variable without a value matches nothing; that what it stands for is left out counts for a statement that denies only, so
    /// that it never gives anybody access.
    fn fit(&self, text: &str, context: &Context, effect: Effect) -> bool {
        if self.list.iter().any(|template| template.matches(text, context)) {
            return !self.negated;
        }
        self.negated && (effect == Effect::Deny || self.list.iter().all(|template| template.resolves(context)))
    }
}

impl Statement {
    pub(crate) fn fits_action(&self, asked: &Asked<'_>) -> bool {
        self.actions.fit(asked.action, asked.request.context, self.effect)
    }

    /// How closely it names the subject; a document without principals is the subject's own.
    pub(crate) fn names(&self, asked: &Asked<'_>) -> Option<Named> {
        self.principals.as_ref().map_or(Some(Named::Directly), |principals| principals.names(asked.request.subject))
    }

    pub(crate) fn fits_resource(&self, asked: &Asked<'_>) -> bool {
        let Request { resource, context, .. } = asked.request;
        self.resources.as_ref().is_none_or(|resources| resources.fit(resource, context, self.effect))
    }

    /// How closely it names the subject if everything of it fits. The keys that it misses go to `missing`.
    pub(crate) fn fits(&self, asked: &Asked<'_>, missing: &mut Vec<String>) -> Option<Named> {
        if !self.fits_action(asked) {
            return None;
        }
        let named = self.names(asked)?;
        let context = asked.request.context;
        let mut fits = self.fits_resource(asked);
        if !fits {
            let variables = self.resources.iter().flat_map(|texts| &texts.list);
            missing.extend(variables.flat_map(|template| template.missing(context)).map(str::to_owned));
            return None;
        }
        for condition in &self.conditions {
            missing.extend(condition.missing(context).map(str::to_owned));
            // The other conditions are still asked for what they miss.
            fits = fits && condition.holds(context, self.effect);
        }
        fits.then_some(named)
    }

    /// The keys, in lower case, of its conditions and variables.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        let resources = self.resources.iter().flat_map(|texts| &texts.list).flat_map(Template::keys);
        resources.chain(self.conditions.iter().flat_map(Condition::keys))
    }
}
