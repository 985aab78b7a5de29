//! Control of the mailbox, the suppression list and the link scanners.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use super::{ControlRefusal, parse, pretty};
use crate::core::NoSuch;
use crate::core::mail::SuppressionReason;
use crate::handle::Handle;
use crate::page::mail_body;
use crate::scan::Scanner;

#[derive(Deserialize)]
pub(super) struct To {
    to: Option<String>,
}

pub(super) async fn all(State(handle): State<Handle>, Query(To { to }): Query<To>) -> Response {
    let mails = to.map_or_else(|| handle.mails(), |to| handle.mails_to(&to));
    pretty(&mails.iter().map(AsRef::as_ref).collect::<Vec<_>>())
}

pub(super) async fn one(State(handle): State<Handle>, Path(id): Path<String>) -> Result<Response, ControlRefusal> {
    let mail = handle.mail(&id).ok_or(NoSuch::Mail(id))?;
    Ok(pretty(mail.as_ref()))
}

/// One view of a mail: plain text, HTML, headers, or the raw message.
pub(super) async fn side(
    State(handle): State<Handle>,
    Path((id, side)): Path<(String, String)>,
) -> Result<Response, ControlRefusal> {
    let mail = handle.mail(&id).ok_or_else(|| NoSuch::Mail(id.clone()))?;
    let lacks = |what: &str| ControlRefusal::missing(format!("the mail {id} has no {what}"));
    match side.as_str() {
        "text" => Ok(mail.text.clone().ok_or_else(|| lacks("plain text"))?.into_response()),
        "html" => Ok(mail_body(mail.html.as_deref().ok_or_else(|| lacks("HTML text"))?)),
        "headers" => {
            let lines: Vec<String> =
                mail.headers.iter().map(|header| format!("{}: {}\n", header.name, header.value)).collect();
            Ok(lines.concat().into_response())
        }
        "source" => Ok(mail.source.clone().into_response()),
        "links" => Ok(mail.links().into_iter().map(|link| link + "\n").collect::<String>().into_response()),
        _ => Err(ControlRefusal::missing("a mail has text, html, headers, source and links")),
    }
}

pub(super) async fn suppressed(State(handle): State<Handle>) -> Response {
    pretty(&handle.suppressed())
}

pub(super) async fn suppress(
    State(handle): State<Handle>,
    Path(address): Path<String>,
    body: String,
) -> Result<Response, ControlRefusal> {
    let reason = match body.trim() {
        "" => SuppressionReason::Bounce,
        word => parse(&format!("\"{}\"", word.escape_default()))?,
    };
    handle.suppress(&address, reason);
    Ok(suppressed(State(handle)).await)
}

pub(super) async fn unsuppress(
    State(handle): State<Handle>,
    Path(address): Path<String>,
) -> Result<Response, ControlRefusal> {
    if !handle.unsuppress(&address) {
        return Err(ControlRefusal::missing(format!("{address} is not on the suppression list")));
    }
    Ok(suppressed(State(handle)).await)
}

pub(super) async fn send_rate(State(handle): State<Handle>) -> String {
    handle.send_rate().map_or_else(|| "off\n".to_owned(), |rate| format!("{rate}\n"))
}

pub(super) async fn set_send_rate(State(handle): State<Handle>, body: String) -> Result<String, ControlRefusal> {
    handle.throttle_sending(on_off(&body)?);
    Ok(send_rate(State(handle)).await)
}

fn on_off(text: &str) -> Result<bool, ControlRefusal> {
    match text.trim() {
        "on" => Ok(true),
        "off" => Ok(false),
        other => Err(ControlRefusal::wrong(format!("{other:?} is neither on nor off"))),
    }
}

pub(super) async fn scanners(State(handle): State<Handle>) -> Response {
    pretty(&handle.scanners())
}

pub(super) async fn set_scanner(
    State(handle): State<Handle>,
    Path(name): Path<String>,
    body: String,
) -> Result<Response, ControlRefusal> {
    let missing = || ControlRefusal::missing(format!("there is no scanner {name}; the scanners are fetch and submit"));
    handle.scan(Scanner::named(&name).ok_or_else(missing)?, on_off(&body)?);
    Ok(scanners(State(handle)).await)
}

/// Responds when the scanners are idle.
pub(super) async fn idle(State(handle): State<Handle>) -> Response {
    handle.scanned().await;
    scanners(State(handle)).await
}
