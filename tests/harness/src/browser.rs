//! The pages for owners of mailboxes in a browser without scripts: readable text, and buttons that submit forms.

use std::net::SocketAddr;

use anyhow::{Context, ensure};
use scraper::{ElementRef, Html, Selector};
use url::{Url, form_urlencoded};

use crate::http::{self, HttpResponse};

/// The browser's user agent.
pub const USER_AGENT: &str = "Mozilla/5.0 (test)";

#[derive(Clone, Debug)]
pub struct BrowserPage {
    /// The URL of the page, which is also the target of its forms.
    url: Url,
    pub status: u16,
    html: String,
}

impl BrowserPage {
    /// Opens a page at this address and follows redirects. `path`: with a query, if any.
    pub async fn open(address: SocketAddr, path: &str) -> anyhow::Result<Self> {
        let url = Url::parse(&format!("http://{address}{path}"))?;
        let answer = send("GET", &url, "").await?;
        follow(url, answer).await
    }

    /// Presses the button with this label, after typing the code if the page requires one.
    pub async fn press(&self, label: &str, code: &str) -> anyhow::Result<Self> {
        let body = self.form(label, code).with_context(|| format!("{label:?} on {}:\n{}", self.url, self.text()))?;
        let answer = send("POST", &self.url, &body).await?;
        follow(self.url.clone(), answer).await
    }

    pub async fn click(&self, label: &str) -> anyhow::Result<Self> {
        let href = {
            let document = Html::parse_document(&self.html);
            let found = all(&document, "a[href]").into_iter().find(|link| words(*link) == label);
            let found = found.with_context(|| format!("no link {label:?} on {}:\n{}", self.url, self.text()))?;
            found.attr("href").unwrap_or_default().to_owned()
        };
        let url = self.url.join(&href)?;
        let answer = send("GET", &url, "").await?;
        follow(url, answer).await
    }

    /// The text of its heading.
    pub fn heading(&self) -> String {
        let document = Html::parse_document(&self.html);
        all(&document, "h1").first().map(|heading| words(*heading)).unwrap_or_default()
    }

    /// The HTML of its heading.
    pub fn heading_html(&self) -> String {
        let document = Html::parse_document(&self.html);
        all(&document, "h1").first().map(ElementRef::html).unwrap_or_default()
    }

    /// Its readable text, with single spaces.
    pub fn text(&self) -> String {
        let document = Html::parse_document(&self.html);
        all(&document, "body").first().map(|body| words(*body)).unwrap_or_default()
    }

    /// The fields that a browser sends for the button with this label.
    pub fn form(&self, label: &str, code: &str) -> anyhow::Result<String> {
        let document = Html::parse_document(&self.html);
        let button = all(&document, "form button").into_iter().find(|button| words(*button) == label);
        let button = button.context("there is no such button")?;
        let form = button.ancestors().filter_map(ElementRef::wrap).find(|element| element.value().name() == "form");
        let form = form.context("the button stands in no form")?;
        let method = form.attr("method").unwrap_or("get");
        ensure!(method.eq_ignore_ascii_case("post") && form.attr("action").is_none(), "a form that goes elsewhere");
        let mut fields = form_urlencoded::Serializer::new(String::new());
        if !all(&document, "form input[name=code]").is_empty() {
            fields.append_pair("code", code);
        }
        fields.append_pair(button.attr("name").unwrap_or_default(), button.attr("value").unwrap_or_default());
        Ok(fields.finish())
    }
}

fn all<'d>(document: &'d Html, selector: &str) -> Vec<ElementRef<'d>> {
    Selector::parse(selector).map(|selector| document.select(&selector).collect()).unwrap_or_default()
}

fn words(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn send(method: &str, url: &Url, body: &str) -> anyhow::Result<HttpResponse> {
    let address = url.socket_addrs(|| None)?.into_iter().next().context("no address")?;
    let path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    let headers = [("User-Agent", USER_AGENT), form];
    let headers = if body.is_empty() { &headers[..1] } else { &headers[..] };
    http::exchange(method, address, &path, headers, body).await.with_context(|| format!("{method} {url}"))
}

/// An answer to a form redirects to a page with the result (RFC 9110 §15.4.4).
async fn follow(url: Url, answer: HttpResponse) -> anyhow::Result<BrowserPage> {
    let (url, answer) = match answer.header("location").filter(|_| answer.status == 303) {
        Some(location) => {
            let next = url.join(location)?;
            let answer = send("GET", &next, "").await?;
            (next, answer)
        }
        None => (url, answer),
    };
    ensure!(answer.status != 303, "led on and on to {url}");
    Ok(BrowserPage { url, status: answer.status, html: answer.body })
}
