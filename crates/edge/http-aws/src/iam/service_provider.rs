//! What identity providers need to know of us for signing in to IAM: the document that AWS has at
//! `https://signin.aws.amazon.com/static/saml-metadata.xml`, and the address in it.

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use base::CorrelationId;
use pages::{Page, problem, protect};
use saml::metadata::{SpDescription, write_sp};

/// AWS as a service provider: what SAML applications for AWS have as audience.
const ENTITY_ID: &str = "urn:amazon:webservices";
const METADATA_PATH: &str = "/static/saml-metadata.xml";
/// Where AWS's console takes assertions.
const CONSOLE_PATH: &str = "/saml";
/// Those that AWS's document names and that are read here.
const NAME_ID_FORMATS: [&str; 4] =
    [saml::NAME_ID_TRANSIENT, saml::NAME_ID_PERSISTENT, saml::NAME_ID_EMAIL, saml::NAME_ID_UNSPECIFIED];

/// `GET /static/saml-metadata.xml`, for everybody, and `/saml`, which says that there is no console to sign in to. `public_url` is
/// `https://host:port` of this server.
pub fn service_provider_router(public_url: &str) -> Router {
    let metadata: Arc<str> = metadata(public_url).into();
    Router::new()
        .route(METADATA_PATH, get(move || async move { document(&metadata) }))
        .route(CONSOLE_PATH, get(no_console).post(no_console))
}

fn metadata(public_url: &str) -> String {
    write_sp(&SpDescription {
        entity_id: ENTITY_ID,
        acs_url: &format!("{}{CONSOLE_PATH}", public_url.trim_end_matches('/')),
        single_logout: &[],
        certificates: &[],
        signs_requests: false,
        name_id_formats: &NAME_ID_FORMATS,
    })
}

fn document(metadata: &str) -> Response {
    let mut response = protect(metadata.to_owned().into_response());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/samlmetadata+xml; charset=utf-8"));
    let attachment = HeaderValue::from_static("attachment; filename=\"saml-metadata.xml\"");
    headers.insert(header::CONTENT_DISPOSITION, attachment);
    response
}

async fn no_console() -> Response {
    let page = Page {
        status: StatusCode::NOT_IMPLEMENTED,
        ..Page::new("Gatehouse", "Signing in to a console isn't there yet")
    };
    page.render(&problem(
        "This server has no console that a SAML assertion signs in to.",
        "Nothing was done with the assertion. Use a Redshift driver with a SAML plugin, or send the assertion to sts \
         AssumeRoleWithSAML: both open the role, and the cluster.",
        CorrelationId::fresh().as_str(),
        None,
    ))
}
