use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn agrees(list: &IdList<u32>, model: &BTreeSet<u32>) {
    let all: Vec<u32> = model.iter().copied().collect();
    assert_eq!(list.iter().copied().collect::<Vec<_>>(), all);
    assert_eq!((list.len(), list.is_empty()), (all.len(), all.is_empty()));
    for probe in [0, 1, 500, 999, 2000, 3999, 4000] {
        assert_eq!(list.contains(&probe), model.contains(&probe));
        let behind = model.range(probe + 1..).take(3).copied().collect::<Vec<_>>();
        assert_eq!(list.after(Some(&probe)).take(3).copied().collect::<Vec<_>>(), behind, "after {probe}");
        let start = usize::try_from(probe).unwrap();
        let there = all.iter().skip(start).take(3).copied().collect::<Vec<_>>();
        assert_eq!(list.starting_at(start).take(3).copied().collect::<Vec<_>>(), there, "from {probe}");
    }
    assert_eq!(list.after(None).count(), all.len());
    if let IdList::Long { chunks, .. } = list {
        assert!(chunks.iter().all(|chunk| !chunk.is_empty() && chunk.len() <= LONGEST));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn it_agrees_with_a_set(
        start in prop::collection::btree_set(0..4000_u32, 0..1500),
        single in prop::collection::vec((any::<bool>(), 0..4000_u32), 0..800),
        many in prop::collection::btree_set(0..4000_u32, 0..600),
    ) {
        let mut model = start.clone();
        let mut list = IdList::from_sorted(start.iter().copied().collect());
        agrees(&list, &model);
        for (add, id) in single {
            let before = list.clone();
            let expected = if add { model.insert(id) } else { model.remove(&id) };
            assert_eq!(if add { list.insert(id) } else { list.remove(&id) }, expected);
            assert_eq!(before.len() == list.len(), !expected, "an older snapshot stays as it is");
        }
        agrees(&list, &model);
        let (add, remove): (Vec<u32>, Vec<u32>) = many.iter().partition(|id| id.is_multiple_of(2));
        list.change(&add, &remove);
        model.extend(add);
        model.retain(|id| remove.binary_search(id).is_err());
        agrees(&list, &model);
    }
}

#[test]
fn it_grows_and_shrinks_through_every_size() {
    let mut list = IdList::default();
    let mut model = BTreeSet::new();
    for number in 0..2000_u32 {
        let id = number * 7 % 2000;
        assert_eq!(list.insert(id), model.insert(id));
    }
    agrees(&list, &model);
    for number in 0..2000_u32 {
        let id = number * 13 % 2000;
        assert_eq!(list.remove(&id), model.remove(&id));
        if number.is_multiple_of(97) {
            agrees(&list, &model);
        }
    }
    assert!(list.is_empty());
}
