use std::sync::Arc;

use super::fake::{MemoryStore, application, center, tags};
use crate::CenterError;
use crate::rules::TAGS_MAX;

#[tokio::test]
async fn the_instance_and_applications_have_tags() {
    let store = Arc::new(MemoryStore::default());
    let first = center(&store).await;
    let application = application(&first).await.arn.as_str().to_owned();
    let instance = first.instance().arn.as_str().to_owned();
    for arn in [&application, &instance] {
        first.tag(arn, tags(&[("a", "1"), ("b", "")])).await.unwrap();
        first.tag(arn, tags(&[("a", "2"), ("with space", "x@y:z")])).await.unwrap();
        first.untag(arn, &["b".to_owned(), "none".to_owned()]).await.unwrap();
        for center in [&first, &center(&store).await] {
            assert_eq!(center.tags(arn).unwrap(), tags(&[("a", "2"), ("with space", "x@y:z")]));
        }
    }
    let missing = CenterError::ResourceNotFound("arn:x".to_owned());
    assert_eq!(first.tags("arn:x"), Err(missing.clone()));
    assert_eq!(first.tag("arn:x", tags(&[("a", "1")])).await, Err(missing.clone()));
    assert_eq!(first.untag("arn:x", &["a".to_owned()]).await, Err(missing));
}

#[tokio::test]
async fn tags_are_refused_for_a_reason() {
    let center = center(&Arc::new(MemoryStore::default())).await;
    let arn = application(&center).await.arn.as_str().to_owned();
    let long = "k".repeat(129);
    let longer = "v".repeat(257);
    for (key, value) in [
        ("", "v"),
        (long.as_str(), "v"),
        ("k", longer.as_str()),
        ("k;", "v"),
        ("k", "a\nb"),
        ("AWS:x", "v"),
        ("aws:x", "v"),
    ] {
        let refused = center.tag(&arn, tags(&[(key, value)])).await;
        assert!(matches!(refused, Err(CenterError::Invalid { field: "Tags", .. })), "{key} {value}");
    }
    let many = (0..TAGS_MAX).map(|number| (format!("k{number}"), String::new())).collect();
    center.tag(&arn, many).await.unwrap();
    center.tag(&arn, tags(&[("k0", "changed")])).await.unwrap();
    let refused = center.tag(&arn, tags(&[("one more", "")])).await;
    assert!(matches!(refused, Err(CenterError::TooMany { .. })));
    assert_eq!(center.tags(&arn).unwrap().len(), TAGS_MAX);
}
