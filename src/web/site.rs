//! The state that all page requests share.

use std::{fmt, net::IpAddr, sync::Arc};

use axum::http::{HeaderValue, Uri};
use jiff::SignedDuration;

use super::{
    event::PageEvent,
    logo::Logo,
    page_store::PageStore,
    pages::{PageRenderer, policy},
    rate_limit::{Limiter, Rate, WRONG_CODES},
};
use crate::{
    clock::Clock,
    model::link::{ID_BYTES, LinkKeys},
};

/// Upper bound on clients, and on links, that are counted at once; see [`Limiter::new`].
const COUNTED: usize = 20_000;

/// The settings of the pages, read once at startup.
#[derive(Clone, Debug)]
pub struct WebSettings {
    /// Public URL of the pages, such as `https://mail.example.com`, optionally with a path. A trailing slash does not
    /// matter.
    pub public_url: String,
    pub environment: String,
    /// The company that runs the operator.
    pub company: Option<String>,
    pub logo: Option<Logo>,
    /// Proxies between visitors and this process, each of which appends to `X-Forwarded-For`; 0: none.
    pub trusted_proxies: usize,
    /// Visitors have to type the code from the mail.
    pub code_required: bool,
    /// How long a declined tenant may not request again.
    pub decline_time: SignedDuration,
    /// Rate limit of one client.
    pub rate: Rate,
}

/// Why the pages cannot be served. Each message contains a remedy.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    #[error(
        "public URL: {0:?} is not a URL that a browser can open: use one such as https://mail.example.com, without ? and #"
    )]
    PublicUrl(String),
    /// The built-in template has a syntax error.
    #[error("a built-in page is not a valid template; this is a bug, please report it: {0}")]
    Template(#[from] minijinja::Error),
}

/// Called after every request.
pub type Listener = Arc<dyn Fn(PageEvent) + Send + Sync>;

/// The shared state.
pub struct Site {
    pub(super) settings: WebSettings,
    pub(super) keys: LinkKeys,
    pub(super) store: Arc<dyn PageStore>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) tell: Listener,
    pub(super) pages: PageRenderer,
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
    pub fn new(
        settings: WebSettings,
        keys: LinkKeys,
        store: Arc<dyn PageStore>,
        clock: Arc<dyn Clock>,
        tell: Listener,
    ) -> Result<Arc<Self>, WebError> {
        let (base, https) = base_of(&settings.public_url)?;
        let pages = PageRenderer::new(&base, settings.logo.as_ref().map(|logo| logo.version.clone()))?;
        let people = Limiter::new(settings.rate, COUNTED);
        let wrong_codes = Limiter::new(WRONG_CODES, COUNTED);
        let policy = HeaderValue::try_from(policy()).unwrap_or(HeaderValue::from_static("default-src 'none'"));
        Ok(Arc::new(Self { settings, keys, store, clock, tell, pages, people, wrong_codes, policy, https }))
    }
}

/// The path prefix of all pages, and whether the public URL uses https.
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
