//! ARNs as the ARN operators compare them: six parts, each by itself.

use crate::Context;
use crate::template::{Part, Syntax, Template, walk};

const PARTS: usize = 6;

#[derive(Debug, Clone)]
pub(crate) enum ArnTemplate {
    /// `*`: whatever is an ARN.
    Any,
    Parts(Vec<Template>),
    /// A variable may bring more than one part.
    WithVariables(Template),
}

impl ArnTemplate {
    /// # Errors
    /// What is wrong with it, and what to do.
    pub(crate) fn parse(text: &str, variables: bool) -> Result<Self, String> {
        let syntax = Syntax { variables, wildcards: true };
        let whole = Template::parse(text, syntax)?;
        if whole.is_everything() {
            return Ok(Self::Any);
        }
        if whole.has_variables() {
            return Ok(Self::WithVariables(whole));
        }
        let parts = text.splitn(PARTS, ':').map(|part| Template::parse(part, syntax)).collect::<Result<Vec<_>, _>>()?;
        if parts.len() != PARTS {
            return Err(format!("{text:?} is not an ARN of six parts, arn:partition:service:region:account:resource"));
        }
        Ok(Self::Parts(parts))
    }

    pub(crate) fn matches(&self, text: &str, context: &Context) -> bool {
        let given: Vec<&str> = text.splitn(PARTS, ':').collect();
        if given.len() != PARTS {
            return false;
        }
        match self {
            Self::Any => true,
            Self::Parts(parts) => parts.iter().zip(given).all(|(part, given)| part.matches(given, context)),
            Self::WithVariables(template) => template.parts(context).is_some_and(|parts| {
                let split = split(&parts);
                split.len() == PARTS
                    && split.iter().zip(given).all(|(part, given)| walk(|index| part.get(index).copied(), given))
            }),
        }
    }

    /// The keys of its variables.
    pub(crate) const fn template(&self) -> Option<&Template> {
        match self {
            Self::Any | Self::Parts(_) => None,
            Self::WithVariables(template) => Some(template),
        }
    }
}

/// The parts of a pattern between its first five colons.
fn split<'a>(parts: &[Part<'a>]) -> Vec<Vec<Part<'a>>> {
    let mut split = vec![Vec::new()];
    for part in parts {
        let Part::Text(mut text) = *part else {
            if let Some(last) = split.last_mut() {
                last.push(*part);
            }
            continue;
        };
        while split.len() < PARTS
            && let Some((before, after)) = text.split_once(':')
        {
            if let Some(last) = split.last_mut() {
                last.push(Part::Text(before));
            }
            split.push(Vec::new());
            text = after;
        }
        if let Some(last) = split.last_mut() {
            last.push(Part::Text(text));
        }
    }
    split
}
