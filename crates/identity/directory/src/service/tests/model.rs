//! Random operations on the directory and on a model that scans lists.

use proptest::prelude::*;

use super::naive::{self, Model, agrees, memberships_agree, step};
use super::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn random_operations_agree_with_a_naive_model(operations in naive::operations(300)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let World { directory, store, clock } = world().await;
            let mut model = Model::default();
            for operation in &operations {
                step(&directory, &mut model, operation).await;
                agrees(&directory, &model);
            }
            memberships_agree(&directory, &model).await;
            let again = Directory::open(store, clock).await.unwrap();
            agrees(&again, &model);
            memberships_agree(&again, &model).await;
        });
    }
}
