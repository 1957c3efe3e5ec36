//! What a simulated request comes to, as XML.

use ::policy::{Counted, Decision, Effect, Outcome, PolicyClass};

use super::positions::Position;
use super::scenario::AllSources;
use super::source::Source;
use crate::iam::write;
use crate::protocol::xml::Xml;

/// One question and its answer.
#[derive(Debug)]
pub(super) struct Evaluated<'a> {
    pub(super) action: &'a str,
    pub(super) resource: &'a str,
    pub(super) decision: &'a Decision,
    pub(super) sources: &'a AllSources,
    /// Whether the client named resources.
    pub(super) is_given: bool,
}

impl Evaluated<'_> {
    /// The members of `EvaluationResult`, with a `ResourceSpecificResult` where resources were named.
    pub(super) fn write(&self, xml: &mut Xml) {
        xml.text("EvalActionName", self.action);
        xml.text("EvalResourceName", self.resource);
        xml.text("EvalDecision", word(self.decision.outcome));
        self.details(xml);
        xml.element("ResourceSpecificResults", |xml| {
            if self.is_given {
                xml.element("member", |xml| {
                    xml.text("EvalResourceName", self.resource);
                    xml.text("EvalResourceDecision", word(self.decision.outcome));
                    self.details(xml);
                });
            }
        });
    }

    fn details(&self, xml: &mut Xml) {
        let counted = self.decision.statements.iter().filter(|counted| self.is_told(counted));
        write::members(xml, "MatchedStatements", counted, |xml, counted| self.statement(xml, counted));
        write::texts(xml, "MissingContextValues", self.decision.missing_keys.iter().map(String::as_str));
        if let Some(allows) = self.decision.boundary_allows {
            xml.element("PermissionsBoundaryDecisionDetail", |xml| {
                xml.text("AllowedByPermissionsBoundary", if allows { "true" } else { "false" });
            });
        }
    }

    /// Where something denies, only that is told (IAM API, `EvaluationResult`).
    fn is_told(&self, counted: &Counted) -> bool {
        match self.decision.outcome {
            Outcome::ExplicitDeny { .. } => counted.effect == Effect::Deny,
            Outcome::Allowed | Outcome::ImplicitDeny { .. } => counted.effect == Effect::Allow,
        }
    }

    fn statement(&self, xml: &mut Xml, counted: &Counted) {
        let Some(source) = self.source(counted) else { return };
        xml.text("SourcePolicyId", &source.id);
        xml.text("SourcePolicyType", source.kind);
        if let Some(placed) = source.place(&counted.statement) {
            for (name, Position { line, column }) in [("StartPosition", placed.begin), ("EndPosition", placed.end)] {
                xml.element(name, |xml| {
                    xml.text("Line", &line.to_string());
                    xml.text("Column", &column.to_string());
                });
            }
        }
    }

    /// The policy that a statement is of.
    fn source(&self, counted: &Counted) -> Option<&Source> {
        let AllSources { identity, boundary, resource, .. } = self.sources;
        match counted.class {
            PolicyClass::Identity => identity.iter().find(|source| source.policy.name == counted.policy),
            PolicyClass::Boundary => boundary.as_ref(),
            PolicyClass::Resource => resource.as_ref(),
            // None is simulated.
            PolicyClass::Session => None,
        }
    }
}

/// `EvalDecision`
const fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Allowed => "allowed",
        Outcome::ExplicitDeny { .. } => "explicitDeny",
        Outcome::ImplicitDeny { .. } => "implicitDeny",
    }
}
