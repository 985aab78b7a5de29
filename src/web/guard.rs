//! Checks of every request and headers of every response.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    body::Body,
    extract::{ConnectInfo, Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri,
        header::{
            ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, RETRY_AFTER,
            STRICT_TRANSPORT_SECURITY, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
        },
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::time::Instant;

use super::{
    client,
    event::{PageAction, PageEvent, PageOutcome},
    site::Site,
    view::{Frame, PageState},
};
use crate::{mail::Language, serve::connections::network};

/// Headers of every response, including errors.
const ALWAYS: [(HeaderName, &str); 9] = [
    (CACHE_CONTROL, "no-store"),
    // The link is a secret, and the URL of the page contains it.
    (REFERRER_POLICY, "no-referrer"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // For browsers without support for `frame-ancestors`.
    (X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    (VARY, "Accept-Language"),
];
/// One year: people return by old mails.
const HSTS: &str = "max-age=31536000";

/// Marks a response that already has a page.
#[derive(Clone, Copy, Debug)]
pub(super) struct RenderedPage;

/// The client's address, attached to its request.
#[derive(Clone, Copy, Debug)]
pub(super) struct ClientAddress(pub(super) IpAddr);

/// Limits the rate of each client, and records its address.
pub(super) async fn limit(State(site): State<Arc<Site>>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.0.ip());
    let client = client::address(request.headers(), peer, site.settings.trusted_proxies);
    if let Err(wait) = site.people.take(network(client), Instant::now().into_std()) {
        (site.tell)(PageEvent { action: PageAction::Other, outcome: PageOutcome::TooMany });
        let locale = PageLocale::of(request.uri(), request.headers());
        return page(&site, &PageState::TooMany(wait), locale);
    }
    request.extensions_mut().insert(ClientAddress(client));
    next.run(request).await
}

/// Turns every bare error into a page, and adds the headers to every response.
pub(super) async fn finish(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let locale = PageLocale::of(request.uri(), request.headers());
    let method = request.method().clone();
    let mut response = next.run(request).await;
    if response.status().as_u16() >= 400 && response.extensions().get::<RenderedPage>().is_none() {
        response = in_words(&site, &method, locale, &response);
    }
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(CONTENT_SECURITY_POLICY).or_insert_with(|| site.policy.clone());
    if site.https {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
    }
    if method == Method::HEAD {
        *response.body_mut() = Body::empty();
    }
    response
}

/// The page of an error: the body is replaced, headers such as `Allow` remain.
fn in_words(site: &Site, method: &Method, locale: PageLocale, response: &Response) -> Response {
    let (state, outcome) = match response.status() {
        StatusCode::NOT_FOUND => (PageState::NotFound, PageOutcome::NotFound),
        // A write that was running at the timeout may have reached the API server.
        status if status.is_server_error() => {
            (PageState::Unavailable { uncertain: *method == Method::POST }, PageOutcome::Unavailable)
        }
        status => (PageState::Misunderstood(status), PageOutcome::Refused),
    };
    (site.tell)(PageEvent { action: PageAction::Other, outcome });
    let mut page = page(site, &state, locale);
    for (name, value) in response.headers() {
        page.headers_mut().entry(name).or_insert_with(|| value.clone());
    }
    page
}

/// The language of a response, and where it comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct PageLocale {
    pub(super) language: Language,
    /// A link on the page selected it.
    pub(super) chosen: bool,
    /// The browser or the visitor named it; otherwise the locale of the request is better.
    pub(super) wanted: bool,
}

impl PageLocale {
    /// The selected language, or the browser's preference, or English.
    pub(super) fn of(uri: &Uri, headers: &HeaderMap) -> Self {
        let chosen = parameter(uri, "lang").and_then(Language::of_tag);
        let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).and_then(Language::preferred);
        let wanted = chosen.or(accepted);
        Self { language: wanted.unwrap_or_default(), chosen: chosen.is_some(), wanted: wanted.is_some() }
    }

    /// The locale of the request, unless the visitor or the browser named a language.
    pub(super) fn or(self, locale: Option<Language>) -> Self {
        let language = locale.filter(|_| !self.wanted).unwrap_or(self.language);
        Self { language, ..self }
    }
}

/// A query parameter. Valid values are single words, so no decoding is needed.
pub(super) fn parameter<'a>(uri: &'a Uri, name: &str) -> Option<&'a str> {
    let pairs = uri.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value)
}

pub(super) fn page(site: &Site, state: &PageState, locale: PageLocale) -> Response {
    let frame = frame(site, locale);
    let Ok(html) = site.pages.render(state, frame) else {
        tracing::error!("a page could not be rendered; this is a bug, please report it");
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = (state.status(), [(CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response();
    if let Some(wait) = state.retry_after() {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
    }
    response.extensions_mut().insert(RenderedPage);
    response
}

pub(super) fn frame(site: &Site, locale: PageLocale) -> Frame<'_> {
    Frame {
        language: locale.language,
        chosen: locale.chosen,
        company: site.settings.company.as_deref(),
        environment: &site.settings.environment,
        codes: site.settings.code_required,
    }
}
