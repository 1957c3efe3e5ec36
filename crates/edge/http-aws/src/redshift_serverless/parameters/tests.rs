use serde_json::{Value, json};

use super::{CREATE_NAMESPACE, DELETE_NAMESPACE, UPDATE_NAMESPACE, WORKGROUP, config, settle, settle_target};
use crate::error::ApiError;
use crate::protocol::json::{Fields, parse};
use crate::redshift::parameters::{Decision, Stance};

fn read(body: &Value, settle: impl FnOnce(&mut Fields) -> Result<(), ApiError>) -> Result<(), ApiError> {
    parse("Op", body.to_string().as_bytes(), settle)
}

fn refused(parameter: &str, result: Result<(), ApiError>) -> String {
    match result {
        Err(ApiError::Named { code: "ValidationException", message, .. }) => {
            assert!(message.starts_with(&format!("parameter \"{parameter}\" of Op is not supported: ")), "{message}");
            message
        }
        other => panic!("{parameter}: {other:?}"),
    }
}

#[test]
fn every_decision_holds() {
    for decisions in [CREATE_NAMESPACE, UPDATE_NAMESPACE, DELETE_NAMESPACE, WORKGROUP] {
        for (parameter, stance) in decisions {
            let said = |value: Value| {
                let decisions: &[Decision] = decisions;
                read(&json!({ *parameter: value }), |fields| settle(fields, decisions))
            };
            match stance {
                Stance::CarriedOut => {}
                Stance::Fact(values, _) => {
                    for value in *values {
                        said((*value).into()).unwrap();
                    }
                    refused(parameter, said("other".into()));
                    refused(parameter, said(true.into()));
                }
                Stance::Empty(_) => {
                    said(json!([])).unwrap();
                    refused(parameter, said(json!(["x"])));
                }
                Stance::Refused(_) => {
                    refused(parameter, said("x".into()));
                    refused(parameter, said(8.into()));
                }
            }
            if *stance != Stance::CarriedOut {
                said(Value::Null).unwrap();
            }
        }
    }
}

#[test]
fn configuration_is_read_by_name() {
    let said = |pairs: &[(&str, &str)]| {
        let pairs: Vec<_> =
            pairs.iter().map(|(key, value)| json!({"parameterKey": key, "parameterValue": value})).collect();
        parse("Op", json!({"configParameters": pairs}).to_string().as_bytes(), config)
    };
    let read = said(&[("Require_SSL", "true"), ("search_path", "a")]).unwrap();
    assert_eq!(read.keys().collect::<Vec<_>>(), ["require_ssl", "search_path"]);
    assert!(matches!(said(&[("a", "1"), ("A", "2")]), Err(ApiError::InvalidParameter { .. })));
}

#[test]
fn there_is_no_price_target() {
    let said = |target: Value| read(&json!({ "pricePerformanceTarget": target }), settle_target);
    said(Value::Null).unwrap();
    said(json!({"status": "DISABLED"})).unwrap();
    for target in
        [json!({"status": "ENABLED"}), json!({"status": "DISABLED", "level": 50}), json!({"level": 1}), json!({})]
    {
        refused("pricePerformanceTarget", said(target));
    }
}
