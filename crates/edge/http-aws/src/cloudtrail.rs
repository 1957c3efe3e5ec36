//! cloudtrail: the audit trail, looked up.

mod event;
mod lookup;

use lookup::LookupEvents;

use crate::operation::{Context, Operation as _, Performed, perform};

pub(crate) async fn dispatch(operation: &str, body: &[u8], context: &Context<'_>) -> Performed {
    match operation {
        LookupEvents::NAME => perform(LookupEvents::parse(body), context).await,
        other => Performed::unsupported(other),
    }
}
