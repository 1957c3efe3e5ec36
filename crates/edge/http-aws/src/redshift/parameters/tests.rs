use super::{CREATE_CLUSTER, Decision, IDC_APPLICATION, MODIFY_CLUSTER, Stance, decide, settle};
use crate::error::ApiError;
use crate::protocol::query::QueryParameters;

/// Every parameter that isn't carried out says only what its table allows, whatever else is in the request.
#[test]
fn every_decision_holds() {
    let said = |form: &str, decisions: &[Decision]| {
        QueryParameters::read("", form.as_bytes()).unwrap().parse("Op", |fields| settle(fields, decisions))
    };
    for decisions in [CREATE_CLUSTER, MODIFY_CLUSTER, IDC_APPLICATION] {
        for (parameter, stance) in decisions {
            let refused = |form: &str| match said(form, decisions) {
                Err(ApiError::Named { code: "InvalidParameterValue", message, .. }) => {
                    assert!(
                        message.starts_with(&format!("parameter \"{parameter}\" of Op is not supported: ")),
                        "{message}"
                    );
                }
                other => panic!("{form}: {other:?}"),
            };
            match stance {
                Stance::CarriedOut => {}
                Stance::Fact(values, _) => {
                    for value in *values {
                        said(&format!("{parameter}={value}"), decisions).unwrap();
                    }
                    refused(&format!("{parameter}=other"));
                    refused(&format!("{parameter}="));
                }
                Stance::Empty(_) => {
                    said(&format!("{parameter}="), decisions).unwrap();
                    refused(&format!("{parameter}.X.1=x"));
                }
                Stance::Refused(_) => {
                    refused(&format!("{parameter}=x"));
                    refused(&format!("{parameter}="));
                }
            }
        }
        said("", decisions).unwrap();
    }
}

#[test]
fn a_table_has_each_parameter_once() {
    for decisions in [CREATE_CLUSTER, MODIFY_CLUSTER, IDC_APPLICATION] {
        let mut names: Vec<_> = decisions.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        let length = names.len();
        names.dedup();
        assert_eq!(names.len(), length);
    }
}

#[test]
fn a_decision_says_what_it_may_be() {
    let fact = Stance::Fact(&["disabled", "auto"], "there is none");
    assert_eq!(decide(fact, &["on".to_owned()]), Err("it can only be disabled or auto: there is none".to_owned()));
    assert_eq!(decide(fact, &["auto".to_owned()]), Ok(()));
}
