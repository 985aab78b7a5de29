//! The mailbox: a list of all mails, and the log of the link scanners.

use axum::extract::{Query, State};
use axum::response::Html;
use serde::Deserialize;

use super::html::{badge, button, escaped, joined, table, time};
use crate::core::mail::{Delivery, Mail};
use crate::handle::Handle;
use crate::scan::{Scanner, Visit};

/// Number of mails on the page.
const MAILS: usize = 200;
/// Number of visits on the page.
const VISITS: usize = 100;

/// A separate page in the style of the first. The frame is filled in one pass, so content of a mail cannot act as a
/// placeholder.
pub(super) fn framed(title: &str, live: &str, body: &str) -> Html<String> {
    let (head, foot) = include_str!("mail.html").split_once("{{body}}").unwrap_or_default();
    let head = head.replace("{{style}}", include_str!("style.css")).replace("{{live}}", live);
    let head = head.replace("{{title}}", &escaped(title));
    let foot = foot.replace("{{script}}", include_str!("live.js"));
    Html([head.as_str(), body, foot.as_str()].concat())
}

#[derive(Deserialize)]
pub(super) struct To {
    #[serde(default)]
    to: String,
}

/// `GET /mail`.
pub(super) async fn list(State(handle): State<Handle>, Query(To { to }): Query<To>) -> Html<String> {
    let to = to.trim();
    let live = format!("/mail/live?to={}", url::form_urlencoded::byte_serialize(to.as_bytes()).collect::<String>());
    let body = format!(
        "<section aria-labelledby=h-mails><div class=\"row between\"><h2 id=h-mails>Mailbox of the whole world</h2>{}</div>\
         <form class=\"row fields\" method=get action=/mail role=search><label>To <input name=to type=search value=\"{}\" \
         placeholder=\"sales@acme.example\" autocomplete=off></label><button>Show</button></form>{}</section>\
         <section aria-labelledby=h-scanners><h2 id=h-scanners>Link scanners</h2>\
         <p class=quiet>Machines of receivers that open the links of a mail before its reader does. They reach this \
         machine only.</p>{}{}</section>",
        button("mail/clear", &[], "Delete all"),
        escaped(to),
        mails(&handle, to),
        scanners(&handle),
        visits(&handle),
    );
    framed("Mailbox", &live, &body)
}

/// The dynamic parts of the list.
pub(super) async fn live(State(handle): State<Handle>, Query(To { to }): Query<To>) -> Html<String> {
    Html([mails(&handle, to.trim()), scanners(&handle), visits(&handle)].concat())
}

/// The link to the mailbox on the first page.
pub(super) fn door(handle: &Handle) -> String {
    let count = handle.mails().len();
    let word = if count == 1 { "mail" } else { "mails" };
    format!("<p id=door class=live><a class=door href=/mail>Mailbox: <strong>{count}</strong> {word}</a></p>")
}

fn mails(handle: &Handle, to: &str) -> String {
    let mails = if to.is_empty() { handle.mails() } else { handle.mails_to(to) };
    let rows = mails.iter().rev().take(MAILS).map(|mail| row(mail));
    let empty = if to.is_empty() { "No mails.".to_owned() } else { format!("No mails to {}.", escaped(to)) };
    table("mails", &["Subject", "From", "To", "Simulated time", "Delivered"], rows, &empty)
}

fn row(mail: &Mail) -> String {
    let subject = if mail.subject.is_empty() { "(no subject)" } else { &mail.subject };
    let to: Vec<&str> = mail.deliveries.iter().map(|delivery| delivery.recipient.as_str()).collect();
    format!(
        "<tr><td class=subject><a href=\"{}\">{}</a></td><td>{}</td><td>{}</td><td class=time>{}</td><td>{}</td></tr>",
        path(mail),
        escaped(subject),
        escaped(&mail.from),
        escaped(&to.join(", ")),
        time(mail.time),
        joined(mail.deliveries.iter().map(fate)),
    )
}

pub(super) fn path(mail: &Mail) -> String {
    format!("/mail/{}", escaped(&mail.message_id))
}

pub(super) fn fate(delivery: &Delivery) -> String {
    match (delivery.delivered, &delivery.note) {
        (true, None) => badge("good", "delivered"),
        (true, Some(note)) => badge("warning", &format!("delivered, then {note}")),
        (false, note) => badge("bad", note.as_deref().unwrap_or("not delivered")),
    }
}

fn scanners(handle: &Handle) -> String {
    let state = handle.scanners();
    let one = |(scanner, on, what): (Scanner, bool, &str)| {
        let (word, turn, label) = if on { ("on", "off", "Switch off") } else { ("off", "on", "Switch on") };
        let switch = button("mail/scanner", &[("name", scanner.as_str()), ("turn", turn)], label);
        let badge = badge(if on { "warning" } else { "tag" }, word);
        format!(
            "<div class=\"row held\"><strong>{}</strong> {badge} <span class=quiet>{what}</span> {switch}</div>",
            scanner.as_str()
        )
    };
    let rows = joined(
        [
            (Scanner::Fetch, state.fetch, "opens every link"),
            (Scanner::Submit, state.submit, "opens every link and presses every button behind it"),
        ]
        .into_iter()
        .map(one),
    );
    let work = if state.idle { "" } else { "<p class=quiet>At work …</p>" };
    format!("<div id=scanners class=live>{rows}{work}</div>")
}

fn visits(handle: &Handle) -> String {
    let heads = ["No.", "Scanner", "Request", "Answer"];
    table("visits", &heads, handle.newest_visits(VISITS).iter().map(visit), "They visited nothing.")
}

fn visit(visit: &Visit) -> String {
    let class = match visit.status {
        Some(200..=399) => "good",
        Some(_) => "warning",
        None => "tag",
    };
    let status = visit.status.map(|status| status.to_string());
    let answer = status.as_deref().or(visit.error.as_deref()).unwrap_or("no answer");
    format!(
        "<tr><td>{}</td><td>{}</td><td class=value><b>{}</b> {} {}</td><td>{}</td></tr>",
        visit.seq,
        visit.scanner.as_str(),
        escaped(&visit.method),
        escaped(&visit.url),
        escaped(visit.form.as_deref().unwrap_or_default()),
        badge(class, answer),
    )
}
