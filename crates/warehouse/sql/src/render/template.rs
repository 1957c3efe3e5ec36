//! Arguments into a template. An argument that is written more than once is computed once.

use crate::ast::Expr;
use crate::error::SqlError;
use crate::render::{Place, Renderer, limited};

/// What it costs to write an argument twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Argument {
    /// Nothing, and it names nothing.
    Constant,
    /// Nothing.
    Name,
    /// It would be computed twice.
    Computed,
}

/// Puts `args` in the places `{0}`, `{1}`, … of `template`, and all of them in `{*}`.
///
/// Where the template writes a computed argument twice, the arguments become fields of a lambda's variable first: nothing is
/// computed twice (`random()`), and nested calls don't multiply. The lambda's body then has no name of the client's in it,
/// so that none can be taken for the variable.
fn fill(template: &str, kinds: &[Argument], args: Vec<String>) -> Result<String, SqlError> {
    if !repeats(template, kinds) {
        return substitute(template, &args);
    }
    let mut fields = Vec::new();
    let mut inside = Vec::with_capacity(args.len());
    for (place, arg) in args.into_iter().enumerate() {
        if kinds.get(place) == Some(&Argument::Constant) {
            // as a field it would lose its literal's freedom of type
            inside.push(arg);
        } else {
            inside.push(format!("\"arguments\".\"a{place}\""));
            fields.push(format!("'a{place}': {arg}"));
        }
    }
    let body = substitute(template, &inside)?;
    limited(format!("list_transform([{{{}}}], lambda \"arguments\": {body})[1]", fields.join(", ")))
}

impl Renderer<'_> {
    /// [`fill`], where the text stands: the engine takes no lambda in a DEFAULT. There is nothing in one that costs much to
    /// compute twice, and nothing but `random` that wouldn't be the same again.
    pub(super) fn fill(&self, template: &str, kinds: &[Argument], args: Vec<String>) -> Result<String, SqlError> {
        match self.place {
            Place::Statement { .. } => fill(template, kinds, args),
            Place::Default if repeats(template, kinds) && args.iter().any(|arg| arg.contains("random()")) => {
                Err(SqlError::unsupported("random() inside another function in DEFAULT"))
            }
            Place::Default => substitute(template, &args),
        }
    }
}

fn repeats(template: &str, kinds: &[Argument]) -> bool {
    kinds
        .iter()
        .enumerate()
        .any(|(place, kind)| *kind == Argument::Computed && template.matches(&place_of(place)).count() > 1)
}

fn place_of(place: usize) -> String {
    format!("{{{place}}}")
}

/// One pass, so that an argument's own text is never taken for a place.
fn substitute(template: &str, args: &[String]) -> Result<String, SqlError> {
    let mut text = String::with_capacity(template.len() + args.iter().map(String::len).sum::<usize>());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        if let Some(tail) = after.strip_prefix("*}") {
            text.push_str(&args.join(", "));
            rest = tail;
            continue;
        }
        let argument =
            after.split_once('}').and_then(|(place, tail)| Some((args.get(place.parse::<usize>().ok()?)?, tail)));
        match argument {
            Some((argument, tail)) => {
                text.push_str(argument);
                rest = tail;
            }
            None => {
                text.push('{');
                rest = after;
            }
        }
    }
    text.push_str(rest);
    limited(text)
}

impl Renderer<'_> {
    pub(super) fn kind(&self, expr: &Expr) -> Argument {
        match expr {
            Expr::Value(_) | Expr::Typed { .. } | Expr::Interval(_) | Expr::Parameter(_) | Expr::Session(_) => {
                Argument::Constant
            }
            Expr::Column(column) if self.labelled(column).is_some() => Argument::Computed,
            Expr::Column(_) => Argument::Name,
            // one such layer is what binding and signs add
            Expr::Cast { expr, to: _ } | Expr::Unary { op: _, expr } => match (is_layered(expr), self.kind(expr)) {
                (true, _) => Argument::Computed,
                (false, kind) => kind,
            },
            Expr::Binary { .. }
            | Expr::And(_)
            | Expr::Or(_)
            | Expr::Is { .. }
            | Expr::DistinctFrom { .. }
            | Expr::Between { .. }
            | Expr::InList { .. }
            | Expr::InQuery { .. }
            | Expr::Exists { .. }
            | Expr::Quantified { .. }
            | Expr::Like(_)
            | Expr::Regex { .. }
            | Expr::Case { .. }
            | Expr::Scalar(_)
            | Expr::Row(_)
            | Expr::Call(_)
            | Expr::Aggregate(_)
            | Expr::Text { .. }
            | Expr::AtTimeZone { .. } => Argument::Computed,
        }
    }
}

fn is_layered(expr: &Expr) -> bool {
    matches!(expr, Expr::Cast { .. } | Expr::Unary { .. })
}
