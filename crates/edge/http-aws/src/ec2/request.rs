//! What EC2's requests have in common: DryRun, ids, tags of what is made, pages.

use std::collections::BTreeMap;

use base::ErrorKind;
use sts::Ask;

use super::arn;
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation, Performed, perform};
use crate::protocol::query::{Fields, QueryParameters};
use crate::protocol::xml::Xml;
use crate::state::AwsState;

/// `MaxResults` where it isn't given, and the most that it may be.
const RESULTS_MAX: usize = 1000;
/// The least that it may be.
const RESULTS_MIN: usize = 5;

/// An operation of EC2: all of them take `DryRun`.
pub(super) trait Ec2Operation: Operation {
    fn read(fields: &mut Fields<'_>) -> Result<Self, ApiError>;
}

/// Reads, authorises and runs an operation.
pub(super) async fn call<O: Ec2Operation>(parameters: QueryParameters, context: &Context<'_>) -> Performed {
    let parsed = parameters.parse(O::NAME, |fields| {
        let dry_run = fields.boolean("DryRun")?.unwrap_or(false);
        Ok(Dry { operation: O::read(fields)?, dry_run })
    });
    perform(parsed, context).await
}

/// An operation that may be meant as a question only.
#[derive(Debug)]
struct Dry<O> {
    operation: O,
    dry_run: bool,
}

impl<O: Operation> Operation for Dry<O> {
    const NAME: &'static str = O::NAME;

    fn resource(&self, state: &AwsState) -> String {
        self.operation.resource(state)
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        self.operation.asks(state)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        if self.dry_run {
            let message = "Request would have succeeded, but DryRun flag is set.".to_owned();
            let (kind, code) = (ErrorKind::InvalidInput, "DryRunOperation");
            return Err(ApiError::Named { kind, status: 412, code, message, members: Vec::new() });
        }
        self.operation.run(context).await
    }
}

/// A refusal by EC2's code (400).
pub(super) fn refused(code: &'static str, message: impl Into<String>) -> ApiError {
    ApiError::Named { kind: ErrorKind::InvalidInput, status: 400, code, message: message.into(), members: Vec::new() }
}

pub(super) fn missing(parameter: &str) -> ApiError {
    refused("MissingParameter", format!("The request must contain the parameter {parameter}"))
}

/// `return` true: what an operation answers that has nothing else to say.
pub(super) fn done() -> Answer {
    Answer::Xml(Some(Xml::fragment(|xml| xml.text("return", "true"))))
}

/// A whole number.
pub(super) fn number(name: &str, text: Option<String>) -> Result<Option<i64>, ApiError> {
    let read = |text: String| {
        text.parse().map_err(|_| {
            let message = format!("Value ({text}) for parameter {name} is invalid. It must be a whole number.");
            refused("InvalidParameterValue", message)
        })
    };
    text.map(read).transpose()
}

/// `TagSpecification.N` for what the operation makes. Another kind of resource is refused.
pub(super) fn tags_of(fields: &mut Fields<'_>, kind: &'static str) -> Result<BTreeMap<String, String>, ApiError> {
    let mut tags = BTreeMap::new();
    for mut specification in fields.flat_structures("TagSpecification")? {
        let given = specification.optional("ResourceType").ok_or_else(|| missing("resourceType"))?;
        if given != kind {
            let message =
                format!("'{given}' is not a valid taggable resource type for this operation; it makes a {kind}.");
            return Err(refused("InvalidParameterValue", message));
        }
        for mut tag in specification.flat_structures("Tag")? {
            let key = tag.optional("Key").ok_or_else(|| missing("Tag.Key"))?;
            let value = tag.optional("Value").unwrap_or_default();
            tag.finish()?;
            if crate::redshift::tags::insert(&mut tags, key, value).is_some() {
                return Err(refused("InvalidParameterValue", "Duplicate tag keys found. Each key can be given once."));
            }
        }
        specification.finish()?;
    }
    Ok(tags)
}

/// What IAM is asked about making something: the making itself, and `ec2:CreateTags` where it is given tags.
pub(super) fn making(
    state: &AwsState,
    operation: &'static str,
    kind: &str,
    tags: &BTreeMap<String, String>,
) -> Vec<Ask> {
    let resource = arn(state, kind, "*");
    let pairs = || tags.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    let mut asks = vec![Ask::new(operation, resource.clone()).with_request_tags(pairs())];
    if !tags.is_empty() {
        asks.push(Ask::new("CreateTags", resource).with("ec2:CreateAction", operation).with_request_tags(pairs()));
    }
    asks
}

/// `NextToken` and `MaxResults`. A token is the id of the last item that was shown.
#[derive(Debug)]
pub(super) struct Paging {
    after: Option<String>,
    results: usize,
}

impl Paging {
    /// `prefix` is what every token of the operation begins with. With `by_id`, the operation was given ids, and shows all of them.
    pub(super) fn read(fields: &mut Fields<'_>, prefix: &str, by_id: Option<&str>) -> Result<Self, ApiError> {
        let after = fields.optional("NextToken").filter(|token| !token.is_empty());
        if after.as_ref().is_some_and(|token| !token.starts_with(prefix)) {
            return Err(refused("InvalidParameterValue", "Unable to parse pagination token"));
        }
        let Some(results) = number("maxResults", fields.optional("MaxResults"))? else {
            return Ok(Self { after, results: RESULTS_MAX });
        };
        if let Some(ids) = by_id {
            let message = format!("The parameter {ids} cannot be used with the parameter MaxResults");
            return Err(refused("InvalidParameterCombination", message));
        }
        let results = usize::try_from(results).ok().filter(|results| (RESULTS_MIN..=RESULTS_MAX).contains(results));
        let results = results.ok_or_else(|| {
            let message = format!(
                "Value for parameter maxResults is invalid. Expecting a value from {RESULTS_MIN} to {RESULTS_MAX}."
            );
            refused("InvalidParameterValue", message)
        })?;
        Ok(Self { after, results })
    }

    /// The items of this page, of all in the order of their keys, and the token of the next one.
    pub(super) fn page<T>(
        self,
        items: impl Iterator<Item = T>,
        key: impl Fn(&T) -> String,
    ) -> (Vec<T>, Option<String>) {
        let after = self.after.unwrap_or_default();
        let mut following = items.filter(|item| key(item) > after);
        let page: Vec<T> = following.by_ref().take(self.results).collect();
        let next = following.next().and_then(|_| page.last().map(&key));
        (page, next)
    }
}

/// `<name>` with an `<item>` for each, and `<nextToken>` where more follow.
pub(super) fn list<T>(name: &str, page: &(Vec<T>, Option<String>), write: impl Fn(&mut Xml, &T)) -> Answer {
    let (items, next) = page;
    Answer::Xml(Some(Xml::fragment(|xml| {
        xml.element(name, |xml| {
            for item in items {
                xml.element("item", |xml| write(xml, item));
            }
        });
        if let Some(next) = next {
            xml.text("nextToken", next);
        }
    })))
}
