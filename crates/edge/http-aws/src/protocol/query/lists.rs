//! Lists and structures: `Tags.Tag.1.Key`, `ServiceIntegrations.member.1.Redshift.member.1.Connect.Authorization`.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::error::ApiError;

/// The member of lists that have none: `NAME.1` (EC2).
pub(super) const FLAT: &str = "";

/// One structure of a list: what stands below its number.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Structure {
    /// Its full name, e.g. `Tags.Tag.1`.
    path: String,
    members: BTreeMap<String, String>,
}

impl Structure {
    pub(crate) fn optional(&mut self, name: &str) -> Option<String> {
        self.members.remove(name)
    }

    /// A list of structures inside of this one.
    pub(crate) fn structures(&mut self, name: &str, member: &str) -> Result<Vec<Self>, ApiError> {
        let Self { path, members } = self;
        take_structures(members, &format!("{path}."), name, member)
    }

    /// As [`Self::structures`], in the flat form `NAME.1` (EC2).
    pub(crate) fn flat_structures(&mut self, name: &str) -> Result<Vec<Self>, ApiError> {
        self.structures(name, FLAT)
    }

    /// A list of texts inside of this one, in the flat form.
    pub(crate) fn flat_texts(&mut self, name: &str) -> Result<Option<Vec<String>>, ApiError> {
        take_texts(&mut self.members, name, FLAT)
    }

    /// Refuses the members that weren't read.
    pub(crate) fn finish(self) -> Result<(), ApiError> {
        match self.members.into_keys().next() {
            None => Ok(()),
            Some(left) => {
                let dot = if left.is_empty() { "" } else { "." };
                Err(ApiError::Malformed(format!("The parameter {}{dot}{left} is not known.", self.path)))
            }
        }
    }
}

/// Takes the texts `NAME.MEMBER.1`, `NAME.MEMBER.2`… `NAME=` alone is the empty list; `None` where neither is given.
pub(super) fn take_texts(
    parameters: &mut BTreeMap<String, String>,
    name: &str,
    member: &str,
) -> Result<Option<Vec<String>>, ApiError> {
    let given = parameters.contains_key(name);
    let items = take_structures(parameters, "", name, member)?;
    if items.is_empty() && !given {
        return Ok(None);
    }
    let mut texts = Vec::with_capacity(items.len());
    for mut item in items {
        texts.extend(item.optional(""));
        item.finish()?;
    }
    Ok(Some(texts))
}

/// Takes the structures `NAME.MEMBER.1.…`, in order. Numbers begin at 1 and leave none out. `before` is what stands before `NAME`
/// in the request, for errors.
pub(super) fn take_structures(
    parameters: &mut BTreeMap<String, String>,
    before: &str,
    name: &str,
    member: &str,
) -> Result<Vec<Structure>, ApiError> {
    let path = format!("{before}{name}");
    let dot = if member == FLAT { "" } else { "." };
    let malformed = || {
        let shape = format!("{path}{dot}{member}.1, {path}{dot}{member}.2 and so on, without a gap");
        Err(ApiError::Malformed(format!("{path} is a list: its items are {shape}.")))
    };
    if parameters.remove(name).is_some_and(|text| !text.is_empty()) {
        return malformed();
    }
    let begin = format!("{name}.");
    let mut items = BTreeMap::<usize, BTreeMap<String, String>>::new();
    let names = parameters.range(begin.clone()..).map(|(name, _)| name).take_while(|name| name.starts_with(&begin));
    for full in names.cloned().collect::<Vec<_>>() {
        let Some(value) = parameters.remove(&full) else { continue };
        let item = full.strip_prefix(&begin).and_then(|rest| rest.strip_prefix(member));
        let item = item.and_then(|rest| rest.strip_prefix(dot));
        let Some(item) = item else { return malformed() };
        let (number, below) = item.split_once('.').unwrap_or((item, ""));
        // `01` is no number here: it would be item 1 a second time.
        let Some(number) = number.parse().ok().filter(|read: &usize| read.to_string() == number) else {
            return malformed();
        };
        items.entry(number).or_default().insert(below.to_owned(), value);
    }
    if !items.keys().copied().eq(1..=items.len()) {
        return malformed();
    }
    let structure = |(number, members)| Structure { path: format!("{path}{dot}{member}.{number}"), members };
    Ok(items.into_iter().map(structure).collect())
}
