use base::Secret;
use proptest::prelude::*;
use sts::{CallerIdentity, Grounds, Peer, SealedCaller};

use super::*;
use crate::CredentialUser;
use crate::credential::{Content, KeptPrincipal};

fn at(second: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(second).unwrap()
}

fn credential(warehouse: u8, user: u8, expires: i64) -> Arc<Credential> {
    let caller = SealedCaller {
        access_key_id: "AKIA1".to_owned(),
        identity: CallerIdentity::Root,
        life: None,
        origin: Vec::new(),
        mfa: false,
        correlation: None,
    };
    Arc::new(Credential {
        id: base::id::uuid(),
        warehouse: WarehouseId::new(format!("w-{warehouse}")),
        login_name: Arc::from(format!("IAM:u{user}")),
        expires: at(expires),
        content: Content {
            user: CredentialUser::Existing(format!("u{user}")),
            db_name: None,
            groups: Vec::new(),
            roles: Vec::new(),
            password: Secret::from("x"),
            grounds: Grounds { caller, asks: Vec::new(), peer: Peer::default() },
            tags: BTreeMap::new(),
            principal: KeptPrincipal::Root { account: "1".to_owned() },
            person: None,
            access_key_id: "AKIA1".to_owned(),
            correlation: String::new(),
            request: String::new(),
        },
    })
}

#[derive(Debug, Clone)]
enum Step {
    Insert { warehouse: u8, user: u8, expires: i64 },
    Forget(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0_u8..3, 0_u8..3, 0_i64..50).prop_map(|(warehouse, user, expires)| Step::Insert { warehouse, user, expires }),
        1 => (0_i64..60).prop_map(Step::Forget),
    ]
}

proptest! {
    /// Compared with a list of everything: nothing is found for another warehouse or another name, and nothing that was forgotten.
    #[test]
    fn a_book_finds_what_a_list_finds(steps in proptest::collection::vec(step(), 0..120)) {
        let (mut book, mut list) = (Book::default(), Vec::<Arc<Credential>>::new());
        for step in steps {
            match step {
                Step::Insert { warehouse, user, expires } => {
                    let new = credential(warehouse, user, expires);
                    list.push(Arc::clone(&new));
                    book.insert(new);
                }
                Step::Forget(second) => {
                    list.retain(|kept| kept.expires >= at(second));
                    book.forget_expired(at(second));
                }
            }
            prop_assert_eq!(book.len(), list.len());
        }
        for warehouse in 0..4 {
            for user in 0..4 {
                let (warehouse, name) = (WarehouseId::new(format!("w-{warehouse}")), format!("IAM:u{user}"));
                let own = |kept: &&Arc<Credential>| kept.warehouse == warehouse && *kept.login_name == *name;
                let expected: Vec<_> = list.iter().rev().filter(own).map(|kept| kept.id.clone()).collect();
                let found: Vec<_> = book.of_name(&warehouse, &name).iter().map(|kept| kept.id.clone()).collect();
                prop_assert_eq!(found, expected);
            }
        }
    }
}

#[test]
fn a_dropped_one_is_gone_from_both_indexes() {
    let mut book = Book::default();
    // all expire at the same moment
    let all: Vec<_> = (0..PER_NAME_MAX + 3).map(|_| credential(1, 1, 10)).collect();
    for one in &all {
        book.insert(Arc::clone(one));
    }
    assert_eq!(book.len(), PER_NAME_MAX);
    assert_eq!(book.take_dropped(), [&all[0], &all[1], &all[2]].map(|one| one.id.clone()));
    assert!(book.take_dropped().is_empty());
    book.forget_expired(at(11));
    assert_eq!((book.len(), book.by_name.len()), (0, 0));
}
