use super::*;

fn ids(salt: &str) -> MembershipIds {
    MembershipIds::new(&Secret::from(salt))
}

#[test]
fn an_id_is_uuid_shaped_and_turns_back() {
    let ids = ids("salt");
    for number in [0, 1, 2, 1_000_000, u64::from(u32::MAX), u64::MAX] {
        let id = ids.id(number);
        let lengths: Vec<usize> = id.as_str().split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
        assert_eq!(ids.number(&id), Some(number));
        assert_eq!(ids.number(&MembershipId::new(id.as_str().to_uppercase())), Some(number), "hex has no case");
    }
    assert_ne!(ids.id(1).as_str().get(..8), ids.id(2).as_str().get(..8), "neighbours don't look alike");
}

#[test]
fn what_was_made_up_or_altered_or_made_elsewhere_is_nobodys() {
    let ours = ids("salt");
    let id = ours.id(7);
    assert_eq!(ids("another salt").number(&id), None);
    for at in 0..36 {
        let mut text: Vec<char> = id.as_str().chars().collect();
        text[at] = if text[at] == '0' { '1' } else { '0' };
        let altered: String = text.into_iter().collect();
        assert_eq!(ours.number(&MembershipId::new(altered.as_str())), None, "{altered}");
    }
    for text in ["", "-", "----", "00000000-0000-0000-0000-000000000000", "é0000000-000-0000-0000-000000000000", "7"] {
        assert_eq!(ours.number(&MembershipId::new(text)), None, "{text}");
    }
}
