//! Texts of a policy as they are matched: wildcards and policy variables.

use std::borrow::Cow;

use crate::Context;
use crate::context::fold;

/// What a text may have beside characters that stand for themselves.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Syntax {
    /// `${key}`, `${key, 'default'}`, `${*}`, `${?}`, `${$}`: in documents of 2012-10-17.
    pub(crate) variables: bool,
    /// `*` for any run of characters, `?` for one.
    pub(crate) wildcards: bool,
}

/// A text, taken apart.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    written: Box<str>,
    pieces: Box<[Piece]>,
    has_variables: bool,
}

#[derive(Debug, Clone)]
enum Piece {
    Text(Box<str>),
    One,
    Run,
    Variable(Variable),
}

#[derive(Debug, Clone)]
struct Variable {
    /// As [`fold`] makes it.
    key: Box<str>,
    default: Option<Box<str>>,
}

/// A piece for one request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Part<'a> {
    Text(&'a str),
    One,
    Run,
}

impl Template {
    /// # Errors
    /// What is wrong with a variable, and what to do.
    pub(crate) fn parse(text: &str, syntax: Syntax) -> Result<Self, String> {
        let mut pieces = Pieces::default();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let after = rest.strip_prefix(first).unwrap_or_default();
            match first {
                '*' if syntax.wildcards => pieces.push(Piece::Run),
                '?' if syntax.wildcards => pieces.push(Piece::One),
                '$' if syntax.variables && after.starts_with('{') => {
                    rest = pieces.variable(after.strip_prefix('{').unwrap_or_default())?;
                    continue;
                }
                other => pieces.text.push(other),
            }
            rest = after;
        }
        pieces.flush();
        let has_variables = pieces.done.iter().any(|piece| matches!(piece, Piece::Variable(_)));
        Ok(Self { written: text.into(), pieces: pieces.done.into(), has_variables })
    }

    /// As the document has it.
    pub(crate) fn written(&self) -> &str {
        &self.written
    }

    pub(crate) const fn has_variables(&self) -> bool {
        self.has_variables
    }

    /// Whether it is `*` alone.
    pub(crate) fn is_everything(&self) -> bool {
        matches!(*self.pieces, [Piece::Run])
    }

    /// Whether it matches all of `text`. With a variable that can't be resolved it matches nothing.
    pub(crate) fn matches(&self, text: &str, context: &Context) -> bool {
        if self.has_variables {
            return self.parts(context).is_some_and(|parts| walk(|index| parts.get(index).copied(), text));
        }
        match &*self.pieces {
            [] => text.is_empty(),
            [Piece::Run] => true,
            [Piece::Text(exact)] => **exact == *text,
            [Piece::Text(start), Piece::Run] => text.starts_with(&**start),
            pieces => walk(|index| pieces.get(index).and_then(|piece| piece.part(context)), text),
        }
    }

    /// Whether each of its variables has a value.
    pub(crate) fn resolves(&self, context: &Context) -> bool {
        !self.has_variables || self.parts(context).is_some()
    }

    /// The pieces for a request; `None` with a variable that can't be resolved.
    pub(crate) fn parts<'a>(&'a self, context: &'a Context) -> Option<Vec<Part<'a>>> {
        self.pieces.iter().map(|piece| piece.part(context)).collect()
    }

    /// The text of a template without wildcards; `None` with a variable that can't be resolved.
    pub(crate) fn text<'a>(&'a self, context: &'a Context) -> Option<Cow<'a, str>> {
        if let [Piece::Text(text)] = &*self.pieces {
            return Some(Cow::Borrowed(text));
        }
        let mut text = String::new();
        for part in self.parts(context)? {
            match part {
                Part::Text(piece) => text.push_str(piece),
                Part::One => text.push('?'),
                Part::Run => text.push('*'),
            }
        }
        Some(Cow::Owned(text))
    }

    /// The keys of its variables.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Variable(variable) => Some(&*variable.key),
            Piece::Text(_) | Piece::One | Piece::Run => None,
        })
    }

    /// The keys of its variables that the request has no value for, and that have no default.
    pub(crate) fn missing<'a>(&'a self, context: &'a Context) -> impl Iterator<Item = &'a str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Variable(Variable { key, default: None }) if context.get_folded(key).is_none() => Some(&**key),
            Piece::Variable(_) | Piece::Text(_) | Piece::One | Piece::Run => None,
        })
    }
}

impl Piece {
    fn part<'a>(&'a self, context: &'a Context) -> Option<Part<'a>> {
        match self {
            Self::Text(text) => Some(Part::Text(text)),
            Self::One => Some(Part::One),
            Self::Run => Some(Part::Run),
            Self::Variable(Variable { key, default }) => match context.get_folded(key) {
                Some([only]) => Some(Part::Text(only)),
                Some(_) => None,
                None => default.as_deref().map(Part::Text),
            },
        }
    }
}

/// Whether the parts match all of `text`. A run that turns out too short takes one character more, and only the last run ever
/// does: at most characters times parts, whatever the pattern.
pub(crate) fn walk<'a>(part: impl Fn(usize) -> Option<Part<'a>>, text: &str) -> bool {
    let mut index = 0_usize;
    let mut rest = text;
    let mut retry: Option<(usize, &str)> = None;
    loop {
        let fits = match part(index) {
            None => {
                if rest.is_empty() {
                    return true;
                }
                None
            }
            Some(Part::Run) => {
                retry = Some((index.saturating_add(1), rest));
                Some(rest)
            }
            Some(Part::One) => without_first(rest),
            Some(Part::Text(exact)) => rest.strip_prefix(exact),
        };
        if let Some(after) = fits {
            rest = after;
            index = index.saturating_add(1);
            continue;
        }
        let Some((after_run, from)) = retry else { return false };
        let Some(longer) = without_first(from) else { return false };
        if part(after_run).is_none() {
            return true;
        }
        retry = Some((after_run, longer));
        rest = longer;
        index = after_run;
    }
}

fn without_first(text: &str) -> Option<&str> {
    let mut characters = text.chars();
    characters.next().map(|_| characters.as_str())
}

#[derive(Default)]
struct Pieces {
    done: Vec<Piece>,
    text: String,
}

impl Pieces {
    fn push(&mut self, piece: Piece) {
        self.flush();
        // Runs beside one another are one run.
        if !(matches!(piece, Piece::Run) && matches!(self.done.last(), Some(Piece::Run))) {
            self.done.push(piece);
        }
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            self.done.push(Piece::Text(std::mem::take(&mut self.text).into()));
        }
    }

    /// Reads what follows `${`, and answers with what follows `}`.
    fn variable<'t>(&mut self, text: &'t str) -> Result<&'t str, String> {
        for literal in ['*', '?', '$'] {
            if let Some(after) = text.strip_prefix(literal).and_then(|rest| rest.strip_prefix('}')) {
                self.text.push(literal);
                return Ok(after);
            }
        }
        let end =
            text.find(['}', ',']).ok_or("a policy variable that begins with ${ has no }; write ${$} for a dollar")?;
        let (key, after) = text.split_at_checked(end).unwrap_or_default();
        let key = key.trim_ascii();
        if !is_key(key) {
            return Err(format!("the policy variable ${{{key}}} is not a condition key such as ${{aws:username}}"));
        }
        let (default, after) = match after.strip_prefix('}') {
            Some(after) => (None, after),
            None => {
                let (default, after) = default_value(after.strip_prefix(',').unwrap_or_default()).ok_or_else(|| {
                    format!("the default of ${{{key}, …}} must be in single quotes and followed by }}")
                })?;
                (Some(default.into()), after)
            }
        };
        self.push(Piece::Variable(Variable { key: fold(key).into(), default }));
        Ok(after)
    }
}

/// Reads ` 'text'}`.
fn default_value(text: &str) -> Option<(&str, &str)> {
    let (default, after) = text.trim_ascii_start().strip_prefix('\'')?.split_once('\'')?;
    Some((default, after.trim_ascii_start().strip_prefix('}')?))
}

/// Whether a text is a condition key: `vendor:name`, where the vendor may be an address (`accounts.google.com:aud`) and the name end in
/// a tag's key.
pub(crate) fn is_key(text: &str) -> bool {
    text.rsplit_once(':').is_some() && {
        let (vendor, name) = text.split_once(':').unwrap_or_default();
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-._/".contains(&byte);
        !vendor.is_empty() && vendor.bytes().all(legal) && !name.is_empty() && !name.contains(['{', '}', '\''])
    }
}

#[cfg(test)]
mod tests;
