//! Who is meant by a subject.

#[cfg(test)]
mod tests;

use base::id::DirectoryUserId;
use directory::DirectoryUser;

use crate::choice::domain_of;
use crate::denial::SignInDenial;
use crate::subject::Asserted;

/// Who has the value that is compared.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Found<'a> {
    Nobody,
    One(&'a DirectoryUser),
    Several,
}

/// What is known of the subject.
pub(crate) struct Known<'a> {
    /// The person whom the subject is linked to, if they are still there.
    pub(crate) linked: Option<&'a DirectoryUser>,
    pub(crate) found: Found<'a>,
    /// The one who was found is linked to another subject of this source.
    pub(crate) found_is_anothers: bool,
    /// The name of another source that has the domain.
    pub(crate) other_owner: &'a (dyn Fn(&str) -> Option<String> + Sync),
}

/// Who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Person {
    /// By the permanent link, whatever they are called now.
    Linked(DirectoryUserId),
    /// By userName, externalId or e-mail. `link`: the subject names them from now on.
    Matched { user: DirectoryUserId, link: bool },
    /// Nobody has the value.
    Unknown,
}

/// A permanent link wins: the provider's unchanging name means the same person when either side renames them, and not somebody who
/// later gets the same address. Without one, the value is compared anew each time, and who is linked to another subject of the source
/// is never found by a name: a name that was given to somebody else must not lead to the account of who had it before. No source
/// speaks for the domain of another one.
pub(crate) fn decide(asserted: &Asserted, known: &Known<'_>) -> Result<Person, SignInDenial> {
    let person = match (known.linked, known.found) {
        (Some(user), _) => Some((user, Person::Linked(user.id.clone()))),
        (None, Found::Several) => {
            return Err(SignInDenial::Ambiguous { by: asserted.to, value: asserted.value.clone() });
        }
        (None, Found::One(user)) if known.found_is_anothers => {
            return Err(SignInDenial::LinkedToAnother { user_name: user.user_name.clone() });
        }
        (None, Found::One(user)) => {
            let link = asserted.stable.is_some();
            Some((user, Person::Matched { user: user.id.clone(), link }))
        }
        (None, Found::Nobody) => None,
    };
    let names = [Some(asserted.value.as_str()), person.as_ref().map(|(user, _)| user.user_name.as_str())];
    let address = person.as_ref().and_then(|(user, _)| user.email.as_deref());
    for domain in names.into_iter().chain([address]).flatten().filter_map(domain_of) {
        if let Some(owner) = (known.other_owner)(&domain) {
            return Err(SignInDenial::ForeignDomain { domain, owner });
        }
    }
    Ok(person.map_or(Person::Unknown, |(_, person)| person))
}
