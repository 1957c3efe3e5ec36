use super::*;

const ID: &str = "9067a2e1-40f1-40a5-8a4e-0c6f1b2d3e4f";

#[test]
fn two_people_with_one_name_after_the_other_are_told_apart_and_read_back() {
    for user_name in ["ethan", "team/ethan", "with space", ""] {
        let person = Principal::DirectoryUser { id: ID.to_owned(), user_name: user_name.to_owned() };
        let text = person.to_string();
        assert_eq!(text, format!("directory-user:{ID}/{user_name}"));
        assert_eq!(Principal::recorded_person(&text), Some(RecordedPerson { id: Some(ID), user_name }));
    }
}

#[test]
fn records_of_older_versions_have_the_name_only() {
    for user_name in ["ethan", "team/ethan"] {
        let text = format!("directory-user:{user_name}");
        assert_eq!(Principal::recorded_person(&text), Some(RecordedPerson { id: None, user_name }));
    }
    assert_eq!(Principal::recorded_person("db-user:directory-user:ethan"), None);
    assert_eq!(Principal::recorded_person("anonymous"), None);
}
