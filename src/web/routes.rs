//! The routes of the pages, with their limits and headers.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    http::{StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use tower_http::timeout::TimeoutLayer;

use super::{confirm, guard, pages::ICON, site::Site};

/// Largest request body, in bytes: a code and the name of a button.
const LARGEST_BODY: usize = 4 * 1024;
/// Timeout of a request, including its body and its requests to the API server.
const REQUEST_TIME: Duration = Duration::from_secs(25);
/// How long browsers cache pictures.
const KEPT: &str = "public, max-age=86400";

/// The routes, with all limits and headers.
pub fn router(site: Arc<Site>) -> Router {
    Router::new()
        // axum answers HEAD through the GET handler, without the body.
        .route("/confirm/{link}", get(confirm::show).post(confirm::answer))
        .route("/confirm/assets/icon.svg", get(icon))
        .route("/confirm/assets/logo", get(logo))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, REQUEST_TIME))
        .layer(middleware::from_fn_with_state(site.clone(), guard::limit))
        .layer(middleware::from_fn_with_state(site.clone(), guard::finish))
        .with_state(site)
}

async fn icon() -> Response {
    picture("image/svg+xml", ICON.as_bytes().to_vec())
}

async fn logo(State(site): State<Arc<Site>>) -> Response {
    match &site.settings.logo {
        Some(logo) => picture(logo.kind, logo.bytes.clone()),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A picture that cannot act as a page, even if opened directly: an SVG file could contain a script.
fn picture(kind: &'static str, bytes: Vec<u8>) -> Response {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
    let headers =
        [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, KEPT), (header::CONTENT_SECURITY_POLICY, policy)];
    (headers, bytes).into_response()
}
