use base::{Checks, PublicMessage};
use source::SourceId;

use super::*;

fn shown(denial: SignInDenial, found: &str) -> String {
    let mut checks = Checks::default();
    checks.note("one", "what was expected", found, false);
    let denied = Denied {
        kind: ErrorKind::Denied,
        title: "No",
        public: PublicMessage::new("It isn't possible."),
        mend: String::new(),
        continue_to: None,
        denial,
    };
    let (source, assertion) = (SourceId::new("ids-1"), None);
    let reference = CorrelationId::fresh();
    let outcome = Err(Box::new(denied));
    let sign_in = SignIn { source, protocol: "saml", checks, assertion, outcome };
    let Err(denied) = &sign_in.outcome else { return String::new() };
    refused(&sign_in, denied, &reference, "/signin").into_string()
}

#[test]
fn the_failed_check_is_on_the_page_unless_it_is_about_the_server_itself() {
    let replayed = shown(SignInDenial::Replayed, "the assertion was used before");
    assert!(replayed.contains("what was expected") && replayed.contains("the assertion was used before"));
    let cause = "unable to open /var/lib/gatehouse/control.sqlite";
    let internal = shown(SignInDenial::Unavailable(cause.to_owned()), cause);
    assert!(!internal.contains("/var/lib") && internal.contains("Reference: "), "{internal}");
}
