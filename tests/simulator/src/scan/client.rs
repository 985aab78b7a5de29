//! A small HTTP client for loopback addresses only.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::header::{CONTENT_TYPE, HOST, LOCATION, USER_AGENT};
use axum::http::{self, Method};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use url::{Host, Url};

/// Timeout of an answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Largest page that it reads.
const LARGEST_PAGE: usize = 1 << 20;
/// The user agent.
const NAME: &str = "Mozilla/5.0 (compatible; link scanner of the SES simulator)";

#[derive(Debug, thiserror::Error)]
pub(super) enum Failed {
    #[error("not visited: the scanners visit loopback addresses only")]
    Outside,
    #[error("not visited: the scanners speak plain HTTP only")]
    Tls,
    #[error("no answer within {} seconds", PATIENCE.as_secs())]
    Late,
    #[error("no connection: {0}")]
    Unreachable(#[from] std::io::Error),
    #[error("broken answer: {0}")]
    Broken(#[from] hyper::Error),
    #[error("broken page: {0}")]
    Page(Box<dyn std::error::Error + Send + Sync>),
    #[error("not a request: {0}")]
    Request(#[from] http::Error),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    /// Encoded fields of a form.
    pub(super) form: Option<String>,
}

impl Request {
    pub(super) fn get(url: Url) -> Self {
        Self { method: Method::GET, url, form: None }
    }

    pub(super) fn head(url: Url) -> Self {
        Self { method: Method::HEAD, ..Self::get(url) }
    }

    pub(super) fn post(url: Url, form: String) -> Self {
        Self { method: Method::POST, url, form: Some(form) }
    }

    /// The request to follow if the status is a redirect (RFC 9110, section 15.4; a POST becomes a GET as in browsers).
    pub(super) fn redirected(&self, status: u16, location: &str) -> Option<Self> {
        let url = self.url.join(location).ok()?;
        match status {
            301..=303 if self.method == Method::HEAD => Some(Self::head(url)),
            301..=303 => Some(Self::get(url)),
            307 | 308 => Some(Self { url, ..self.clone() }),
            _ => None,
        }
    }

    /// Sends one request; the caller follows redirects.
    pub(super) async fn send(&self) -> Result<ScanResponse, Failed> {
        if self.url.scheme() != "http" {
            return Err(Failed::Tls);
        }
        let addresses = loopback(&self.url).ok_or(Failed::Outside)?;
        tokio::time::timeout(PATIENCE, self.exchange(&addresses)).await.map_err(|_| Failed::Late)?
    }

    async fn exchange(&self, addresses: &[SocketAddr]) -> Result<ScanResponse, Failed> {
        let stream = TcpStream::connect(addresses).await?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        // It ends when the sender is dropped.
        tokio::spawn(connection);
        let response = sender.send_request(self.written()?).await?;
        let (head, body) = response.into_parts();
        let text = |name| head.headers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok());
        let is_html = text(CONTENT_TYPE).is_some_and(|kind| kind.starts_with("text/html"));
        let location = text(LOCATION).map(str::to_owned);
        let body = Limited::new(body, LARGEST_PAGE).collect().await.map_err(Failed::Page)?.to_bytes();
        let html = is_html.then(|| String::from_utf8_lossy(&body).into_owned());
        Ok(ScanResponse { status: head.status.as_u16(), location, html })
    }

    fn written(&self) -> Result<http::Request<Full<Bytes>>, http::Error> {
        let url = &self.url;
        let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
        let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
        let mut builder =
            http::Request::builder().method(&self.method).uri(path).header(HOST, host).header(USER_AGENT, NAME);
        if self.form.is_some() {
            builder = builder.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        builder.body(Full::from(self.form.clone().unwrap_or_default()))
    }
}

#[derive(Debug)]
pub(super) struct ScanResponse {
    pub(super) status: u16,
    pub(super) location: Option<String>,
    /// The body, if it is HTML.
    pub(super) html: Option<String>,
}

/// The addresses of a URL if all of them are on this machine; no DNS lookup. Names below `localhost` are loopback by
/// RFC 6761, section 6.3.
fn loopback(url: &Url) -> Option<Vec<SocketAddr>> {
    let port = url.port_or_known_default()?;
    let ips = match url.host()? {
        Host::Ipv4(ip) => vec![IpAddr::V4(ip)],
        Host::Ipv6(ip) => vec![IpAddr::V6(ip)],
        Host::Domain(name) if name == "localhost" || name.ends_with(".localhost") => {
            vec![IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)]
        }
        Host::Domain(_) => return None,
    };
    ips.iter().all(IpAddr::is_loopback).then(|| ips.into_iter().map(|ip| SocketAddr::new(ip, port)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_reached() {
        for (url, expected) in [
            ("http://127.0.0.1:8080/x", Some(vec!["127.0.0.1:8080"])),
            ("http://127.9.9.9/", Some(vec!["127.9.9.9:80"])),
            ("http://[::1]:1/", Some(vec!["[::1]:1"])),
            ("http://localhost:5/", Some(vec!["127.0.0.1:5", "[::1]:5"])),
            ("http://senders.LOCALHOST:5/", Some(vec!["127.0.0.1:5", "[::1]:5"])),
            ("http://localhost.example/", None),
            ("http://notlocalhost/", None),
            ("http://192.0.2.1/", None),
            ("http://0.0.0.0/", None),
            ("http://169.254.169.254/latest/meta-data", None),
            ("http://[::ffff:192.0.2.1]/", None),
            ("http://127.0.0.1.example/", None),
            ("http://2130706433/", Some(vec!["127.0.0.1:80"])),
            ("http://127.0.0.1@192.0.2.1/", None),
        ] {
            let addresses = loopback(&Url::parse(url).unwrap());
            let expected = expected.map(|all| all.iter().map(|it| it.parse().unwrap()).collect::<Vec<SocketAddr>>());
            assert_eq!(addresses, expected, "{url}");
        }
    }

    #[test]
    fn targets_of_redirects() {
        let url = Url::parse("http://127.0.0.1/a/b").unwrap();
        let (get, head) = (Request::get(url.clone()), Request::head(url.clone()));
        let post = Request::post(url, "x=1".to_owned());
        let at = |text: &str| Url::parse(text).unwrap();
        for (request, status, location, expected) in [
            (&get, 302, "/c", Some(Request::get(at("http://127.0.0.1/c")))),
            (&head, 301, "c", Some(Request::head(at("http://127.0.0.1/a/c")))),
            (&post, 303, "http://192.0.2.1/", Some(Request::get(at("http://192.0.2.1/")))),
            (&post, 307, "?y", Some(Request::post(at("http://127.0.0.1/a/b?y"), "x=1".to_owned()))),
            (&get, 200, "/c", None),
            (&get, 302, "http://[", None),
        ] {
            assert_eq!(request.redirected(status, location), expected, "{status} {location}");
        }
    }
}
