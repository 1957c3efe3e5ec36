use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn what_was_encoded_is_decoded(id in "[a-zA-Z0-9-]{1,64}", query: u64, group: bool) {
        let resource_type = if group { "Group" } else { "User" };
        let position = Position { resource_type, id };
        let text = encode(&position, query);
        prop_assert!(text.chars().all(|one| one.is_ascii_alphanumeric() || one == '-'));
        let types = [&USERS, &GROUPS];
        prop_assert_eq!(decode(&text, query, &types), Ok(Some(position)));
        prop_assert!(decode(&text, query ^ 1, &types).is_err());
    }

    #[test]
    fn any_text_is_refused_or_a_position(text in "\\PC{0,100}", query: u64) {
        if let Ok(Some(position)) = decode(&text, query, &[&USERS]) {
            prop_assert_eq!(encode(&position, query), text.trim().to_owned());
        }
    }
}
