use super::{GROUP, USER, id, is_id};

const UUID: &str = "a1b2c3d4-5678-90ab-cdef-000000000001";

#[test]
fn ids_are_uuids_or_arns_of_the_right_kind() {
    assert_eq!(id("UserId", USER, UUID).unwrap(), UUID);
    assert_eq!(id("UserId", USER, &format!("{USER}{UUID}")).unwrap(), UUID);
    assert!(is_id(&format!("1234567890-{UUID}")));
    for wrong in ["", "ethan", &format!("{GROUP}{UUID}"), &format!("{UUID}0"), &UUID.replace('-', ""), "------"] {
        let error = id("UserId", USER, wrong).unwrap_err().to_string();
        assert!(error.contains("UserId") && error.contains("UUID"), "{wrong}: {error}");
    }
}
