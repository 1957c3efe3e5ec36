//! What Gatehouse reaches by itself: nothing, but what a test has put there.

use std::collections::HashMap;
use std::sync::Mutex;

use base::Secret;
use oidc::{Fetch, FetchError, Fetched};

#[derive(Debug, Default)]
pub(in crate::oauth::tests) struct Network {
    answers: Mutex<HashMap<String, String>>,
    posted: Mutex<Vec<(String, String)>>,
}

impl Network {
    pub(super) fn put(&self, url: &str, body: impl Into<String>) {
        self.answers.lock().unwrap().insert(url.to_owned(), body.into());
    }

    /// Address and form of each POST.
    pub(super) fn posted(&self) -> Vec<(String, String)> {
        self.posted.lock().unwrap().clone()
    }

    fn answer(&self, url: &str) -> Result<Fetched, FetchError> {
        let body = self.answers.lock().unwrap().get(url).cloned();
        let body = body.ok_or_else(|| FetchError::Unreachable(format!("nobody answers at {url}")))?;
        Ok(Fetched { status: 200, content_type: Some("application/json".into()), body: body.into_bytes() })
    }
}

#[async_trait::async_trait]
impl Fetch for Network {
    async fn get(&self, url: &str, _: Option<&Secret<String>>, _: oidc::Network) -> Result<Fetched, FetchError> {
        self.answer(url)
    }

    async fn post_form(
        &self,
        url: &str,
        form: &[(&str, &str)],
        _: Option<(&str, &Secret<String>)>,
        _: oidc::Network,
    ) -> Result<Fetched, FetchError> {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        self.posted.lock().unwrap().push((url.to_owned(), form));
        self.answer(url)
    }
}
