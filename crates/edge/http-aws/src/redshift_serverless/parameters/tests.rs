use serde_json::{Value, json};

use super::{
    CONFIG, CREATE_NAMESPACE, DELETE_NAMESPACE, UPDATE_NAMESPACE, WORKGROUP, settle, settle_config, settle_target,
};
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
    read(&json!({"manageAdminPassword": false}), |fields| settle(fields, CREATE_NAMESPACE)).unwrap();
}

#[test]
fn configuration_says_what_every_session_begins_with() {
    let said = |key: &str, value: &str| {
        let body = json!({ "configParameters": [{ "parameterKey": key, "parameterValue": value }] });
        read(&body, settle_config)
    };
    for (key, value) in CONFIG {
        said(key, value).unwrap();
        let message = refused("configParameters", said(key, "other"));
        assert!(message.contains(&format!("{key} can only be")), "{message}");
    }
    said("ENABLE_CASE_SENSITIVE_IDENTIFIER", "FALSE").unwrap();
    let message = refused("configParameters", said("max_query_execution_time", "10"));
    assert!(message.contains("\"max_query_execution_time\" isn't carried out"), "{message}");
    for body in [json!({}), json!({"configParameters": []}), json!({"configParameters": null})] {
        read(&body, settle_config).unwrap();
    }
    for body in [json!({"configParameters": [{}]}), json!({"configParameters": "x"})] {
        assert!(matches!(read(&body, settle_config), Err(ApiError::InvalidParameter { .. })));
    }
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
