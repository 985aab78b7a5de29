//! What the pages are made with, and the routes that lead to them.

use std::{fmt, net::IpAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    http::{HeaderValue, Uri, header},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use jiff::SignedDuration;
use tower_http::timeout::TimeoutLayer;

use super::{
    confirm,
    desk::Desk,
    event::Event,
    guard,
    logo::Logo,
    pages::{ICON, Pages, policy},
    rate::{Limiter, Rate},
};
use crate::{
    clock::Clock,
    model::link::{ID_BYTES, LinkKeys},
};

/// Largest body of a request, in bytes: a code and the name of a button.
const LARGEST_BODY: usize = 4 * 1024;
/// How long a request may take, with its body and all that is asked of the API server.
const REQUEST_TIME: Duration = Duration::from_secs(25);
/// Clients, and links, that are counted at the same time; see [`Limiter::new`].
const COUNTED: usize = 20_000;
/// Wrong codes that a link takes.
const WRONG_CODES: Rate = Rate { burst: 10, refill: Duration::from_mins(6) };
/// How long browsers keep pictures.
const KEPT: &str = "public, max-age=86400";

/// What an installation sets. All of it is read once, at start.
#[derive(Clone, Debug)]
pub struct WebSettings {
    /// Where people reach the pages, such as `https://mail.example.com`, perhaps with a path behind which they lie. A slash at
    /// its end does not matter.
    pub public_url: String,
    /// The release.
    pub environment: String,
    /// Who runs it, as people know them.
    pub company: Option<String>,
    /// Their logo.
    pub logo: Option<Logo>,
    /// Proxies between people and this process, each of which appends to `X-Forwarded-For`; 0: none.
    pub trusted_proxies: usize,
    /// The code of the mail has to be typed.
    pub code_required: bool,
    /// For how long a tenant that was declined may not ask again.
    pub decline_time: SignedDuration,
    /// How often one client may come.
    pub rate: Rate,
}

/// Why there can be no pages. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// The public URL is none.
    #[error(
        "public URL: {0:?} is no address that a browser opens: write one such as https://mail.example.com, without ? and #"
    )]
    PublicUrl(String),
    /// The built-in template does not read.
    #[error("a built-in page does not read as a template, which is a defect: {0}")]
    Template(#[from] minijinja::Error),
}

/// Is told of every request.
pub type Listener = Arc<dyn Fn(Event) + Send + Sync>;

/// Everything that a request needs.
pub struct Site {
    pub(super) settings: WebSettings,
    pub(super) keys: LinkKeys,
    pub(super) desk: Arc<dyn Desk>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) tell: Listener,
    pub(super) pages: Pages,
    pub(super) people: Limiter<IpAddr>,
    pub(super) wrong_codes: Limiter<([u8; ID_BYTES], u32)>,
    pub(super) policy: HeaderValue,
    pub(super) https: bool,
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Site")
    }
}

impl Site {
    /// Makes the pages ready, or says why there can be none.
    pub fn new(
        settings: WebSettings,
        keys: LinkKeys,
        desk: Arc<dyn Desk>,
        clock: Arc<dyn Clock>,
        tell: Listener,
    ) -> Result<Arc<Self>, WebError> {
        let (base, https) = base_of(&settings.public_url)?;
        let pages = Pages::new(&base, settings.logo.as_ref().map(|logo| logo.version.clone()))?;
        let people = Limiter::new(settings.rate, COUNTED);
        let wrong_codes = Limiter::new(WRONG_CODES, COUNTED);
        let policy = HeaderValue::try_from(policy()).unwrap_or(HeaderValue::from_static("default-src 'none'"));
        Ok(Arc::new(Self { settings, keys, desk, clock, tell, pages, people, wrong_codes, policy, https }))
    }
}

/// The path before all pages, and whether people come by https.
fn base_of(public_url: &str) -> Result<(String, bool), WebError> {
    let uri = public_url.parse::<Uri>().ok();
    let sound = uri.as_ref().filter(|uri| {
        let web = matches!(uri.scheme_str(), Some("http" | "https"));
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/".contains(c);
        let host = uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
        web && host && uri.query().is_none() && !public_url.contains('#') && uri.path().chars().all(plain)
    });
    let uri = sound.ok_or_else(|| WebError::PublicUrl(public_url.to_owned()))?;
    Ok((uri.path().trim_end_matches('/').to_owned(), uri.scheme_str() == Some("https")))
}

/// The routes, with all limits and headers.
pub fn router(site: Arc<Site>) -> Router {
    Router::new()
        // axum answers HEAD by what answers GET, without the body.
        .route("/confirm/{link}", get(confirm::show).post(confirm::answer))
        .route("/confirm/assets/icon.svg", get(icon))
        .route("/confirm/assets/logo", get(logo))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(TimeoutLayer::with_status_code(axum::http::StatusCode::SERVICE_UNAVAILABLE, REQUEST_TIME))
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
        None => axum::http::StatusCode::NOT_FOUND.into_response(),
    }
}

/// A picture that is nothing but a picture, also when somebody opens it by itself: an SVG file could hold a script.
fn picture(kind: &'static str, bytes: Vec<u8>) -> Response {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
    let headers =
        [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, KEPT), (header::CONTENT_SECURITY_POLICY, policy)];
    (headers, bytes).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_one_that_browsers_open() {
        for (url, expected) in [
            ("https://mail.example.com", Some(("", true))),
            ("https://mail.example.com/", Some(("", true))),
            ("http://localhost:8081", Some(("", false))),
            ("https://example.com/sender/", Some(("/sender", true))),
            ("mail.example.com", None),
            ("/confirm", None),
            ("ftp://mail.example.com", None),
            ("https://user@mail.example.com", None),
            ("https://mail.example.com/?a=b", None),
            ("https://mail.example.com/#x", None),
            ("https://mail.example.com/\"><b>", None),
            ("", None),
        ] {
            let base = base_of(url).ok();
            assert_eq!(base.as_ref().map(|(base, https)| (base.as_str(), *https)), expected, "{url}");
        }
        assert!(base_of("x").unwrap_err().to_string().contains("https://mail.example.com"));
    }
}
