//! A mail as its receiver sees it, and its other views.

use std::fmt::Write as _;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use serde::Deserialize;

use super::html::{escaped, joined, table, time};
use super::mailbox::{fate, framed, path};
use crate::core::mail::{Mail, spans};
use crate::handle::Handle;

#[derive(Deserialize)]
pub(super) struct View {
    #[serde(default)]
    view: String,
}

/// `GET /mail/ID`: the mail as its receiver sees it; `?view=` selects another view.
pub(super) async fn show(
    State(handle): State<Handle>,
    Path(id): Path<String>,
    Query(View { view }): Query<View>,
) -> Response {
    let Some(mail) = handle.mail(&id) else {
        let body = "<section><h2>There is no such mail</h2><p>It was deleted, or it was never sent.</p>\
                    <p><a href=/mail>All mails</a></p></section>";
        return (StatusCode::NOT_FOUND, framed("No such mail", "", body)).into_response();
    };
    let view = match (view.as_str(), &mail.html) {
        ("text" | "source" | "details", _) => view.as_str(),
        (_, Some(_)) => "html",
        (_, None) => "text",
    };
    let content = match view {
        "text" => text(&mail),
        "source" => format!("<pre class=source>{}</pre>", escaped(&mail.source)),
        "details" => details(&mail),
        _ => format!(
            "<iframe title=\"The mail\" src=\"{}/body\" sandbox=\"{SANDBOX}\" referrerpolicy=no-referrer></iframe>",
            path(&mail)
        ),
    };
    let body = format!(
        "<section class=mail aria-labelledby=h-mail><p><a href=/mail>← All mails</a></p><h2 id=h-mail>{}</h2>{}\
         <nav class=tabs aria-label=\"Sides of the mail\">{}</nav>{content}</section>",
        escaped(if mail.subject.is_empty() { "(no subject)" } else { &mail.subject }),
        people(&mail),
        tabs(&mail, view),
    );
    framed(&mail.subject, "", &body).into_response()
}

/// A mail runs no scripts and cannot read this page, but its links open in the whole window.
const SANDBOX: &str = "allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation";

/// Sender and receivers, as a mail program shows them.
fn people(mail: &Mail) -> String {
    let line = |name: &str, value: &str| {
        if value.is_empty() {
            return String::new();
        }
        format!("<div><dt>{name}</dt><dd>{}</dd></div>", escaped(value))
    };
    let signed = mail.signed_by.as_deref().unwrap_or_default();
    format!(
        "<dl class=people>{}{}{}{}<div><dt>Date</dt><dd>{} UTC</dd></div>{}{}</dl><p class=chips>{}</p>",
        line("From", &mail.from),
        line("Reply to", &mail.reply_to.join(", ")),
        line("To", &mail.to.join(", ")),
        line("Cc", &mail.cc.join(", ")),
        time(mail.time),
        line("Mailed by", &mail.mailed_by),
        line("Signed by", signed),
        joined(mail.deliveries.iter().map(|it| format!("<span>{} {}</span>", escaped(&it.recipient), fate(it)))),
    )
}

fn tabs(mail: &Mail, view: &str) -> String {
    let tab = |(name, label, there): (&str, &str, bool)| match (there, name == view) {
        (false, _) => String::new(),
        (true, true) => format!("<a aria-current=page href=\"{}?view={name}\">{label}</a>", path(mail)),
        (true, false) => format!("<a href=\"{}?view={name}\">{label}</a>", path(mail)),
    };
    let tabs = [
        ("html", "Mail", mail.html.is_some()),
        ("text", "Plain text", mail.text.is_some() || mail.html.is_none()),
        ("source", "Source", true),
        ("details", "What SES knows", true),
    ];
    joined(tabs.into_iter().map(tab))
}

/// The plain text, with clickable links.
fn text(mail: &Mail) -> String {
    let text = mail.text.as_deref().unwrap_or_default();
    let mut html = String::new();
    let mut done = 0;
    for (start, end) in spans(text) {
        let link = escaped(&text[start..end]);
        let _ = write!(html, "{}<a href=\"{link}\" rel=noreferrer>{link}</a>", escaped(&text[done..start]));
        done = end;
    }
    html += &escaped(&text[done..]);
    format!("<pre class=plain>{html}</pre>")
}

/// Information that is not in the mail itself.
fn details(mail: &Mail) -> String {
    let row = |name: &str, value: &str| {
        format!("<tr><td>{name}</td><td class=value>{}</td></tr>", escaped(if value.is_empty() { "–" } else { value }))
    };
    let tags: Vec<String> = mail.tags.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let rows = [
        row("Message id", &mail.message_id),
        row("Identity whose right was used", &mail.identity),
        row("Configuration set", mail.configuration_set.as_deref().unwrap_or_default()),
        row("Tenant", mail.tenant.as_deref().unwrap_or_default()),
        row("Tags", &tags.join(", ")),
        row("Links", &mail.links().join(" ")),
    ];
    table("details", &["What", "Value"], rows.into_iter(), "")
}

/// `GET /mail/ID/body`: the HTML part alone.
pub(super) async fn body(State(handle): State<Handle>, Path(id): Path<String>) -> Response {
    let html = handle.mail(&id).and_then(|mail| mail.html.clone());
    html.map_or_else(|| StatusCode::NOT_FOUND.into_response(), |html| mail_body(&html))
}

/// HTML from a mail that is safe to open anywhere: no scripts, no loaded resources, links in the whole window.
pub(crate) fn mail_body(html: &str) -> Response {
    let mut response = Html(aimed_at_top(html)).into_response();
    let policy =
        format!("sandbox {SANDBOX}; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'");
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// Makes links without a target open in the whole window, as they do outside of a mail program. The tag follows the
/// doctype, which would otherwise be ignored.
fn aimed_at_top(html: &str) -> String {
    const BASE: &str = "<base target=_top>";
    let text = html.trim_start();
    let doctype = text.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("<!doctype"));
    let end = if doctype { text.find('>').map_or(0, |end| end + 1) } else { 0 };
    format!("{}{BASE}{}", &text[..end], &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_open_in_the_whole_window_and_the_doctype_still_counts() {
        for (html, expected) in [
            ("<!DOCTYPE html><p>x", "<!DOCTYPE html><base target=_top><p>x"),
            ("\n <!doctype html>\n<html>", "<!doctype html><base target=_top>\n<html>"),
            ("<p>x", "<base target=_top><p>x"),
            ("<!doctype", "<base target=_top><!doctype"),
            ("üüüüüü", "<base target=_top>üüüüüü"),
            ("", "<base target=_top>"),
        ] {
            assert_eq!(aimed_at_top(html), expected);
        }
    }
}
