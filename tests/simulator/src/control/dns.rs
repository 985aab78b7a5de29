//! Control of the DNS side.

use std::fmt::Write as _;

use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::{ControlRefusal, pretty};
use crate::core::NoSuch;
use crate::core::dns::DnsFault;
use crate::handle::Handle;

/// All records, one per line, in zone file notation.
pub(super) fn zone_text(handle: &Handle) -> String {
    let mut text = String::new();
    for set in handle.records() {
        for value in &set.values {
            let _ = writeln!(text, "{}. {} IN {} {value}", set.name, set.ttl, set.rtype);
        }
    }
    if text.is_empty() { "; no records\n".to_owned() } else { text }
}

#[derive(Deserialize)]
pub(super) struct Ttl {
    ttl: Option<u32>,
}

pub(super) async fn set_record(
    State(handle): State<Handle>,
    Path((name, rtype)): Path<(String, String)>,
    Query(Ttl { ttl }): Query<Ttl>,
    body: String,
) -> Result<String, ControlRefusal> {
    let values: Vec<&str> = body.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if values.is_empty() {
        return Err(ControlRefusal::wrong("the body has no value; write one per line"));
    }
    handle.backend().zone().set(&name, &rtype, &values, ttl).map_err(ControlRefusal::wrong)?;
    Ok(zone_text(&handle))
}

pub(super) async fn remove_record(
    State(handle): State<Handle>,
    Path((name, rtype)): Path<(String, String)>,
) -> Result<String, ControlRefusal> {
    if handle.remove_record(&name, &rtype).map_err(ControlRefusal::wrong)? {
        Ok(zone_text(&handle))
    } else {
        Err(ControlRefusal::missing(format!("there is no {rtype} record at {name}")))
    }
}

pub(super) async fn publish_dkim(
    State(handle): State<Handle>,
    Path(name): Path<String>,
) -> Result<String, ControlRefusal> {
    handle.publish_dkim(&name).map_err(ControlRefusal::wrong)?;
    Ok(zone_text(&handle))
}

pub(super) async fn unpublish_dkim(
    State(handle): State<Handle>,
    Path(name): Path<String>,
) -> Result<String, ControlRefusal> {
    handle.unpublish_dkim(&name).map_err(ControlRefusal::wrong)?;
    Ok(zone_text(&handle))
}

pub(super) async fn publish_mail_from(
    State(handle): State<Handle>,
    Path(name): Path<String>,
) -> Result<String, ControlRefusal> {
    handle.publish_mail_from(&mail_from(&handle, &name)?).map_err(ControlRefusal::wrong)?;
    Ok(zone_text(&handle))
}

pub(super) async fn unpublish_mail_from(
    State(handle): State<Handle>,
    Path(name): Path<String>,
) -> Result<String, ControlRefusal> {
    handle.unpublish_mail_from(&mail_from(&handle, &name)?).map_err(ControlRefusal::wrong)?;
    Ok(zone_text(&handle))
}

pub(crate) fn mail_from(handle: &Handle, name: &str) -> Result<String, ControlRefusal> {
    let identity = handle.identity(name).ok_or_else(|| NoSuch::Identity(name.to_owned()))?;
    let missing = || ControlRefusal::missing(format!("{name} has no MAIL FROM domain"));
    Ok(identity.mail_from.ok_or_else(missing)?.domain)
}

pub(super) async fn faults(State(handle): State<Handle>) -> Response {
    pretty(&serde_json::json!({"down": handle.dns_is_down(), "names": handle.dns_faults()}))
}

pub(super) async fn set_fault(
    State(handle): State<Handle>,
    Path(name): Path<String>,
    body: String,
) -> Result<Response, ControlRefusal> {
    handle.dns_fault(&name, fault_from(&body)?).map_err(ControlRefusal::wrong)?;
    Ok(faults(State(handle)).await)
}

/// `servfail`, `timeout`, `refused` or `wrong VALUE`.
fn fault_from(text: &str) -> Result<DnsFault, ControlRefusal> {
    match text.trim() {
        "servfail" => Ok(DnsFault::ServFail),
        "timeout" => Ok(DnsFault::Timeout),
        "refused" => Ok(DnsFault::Refused),
        other => match other.split_once(char::is_whitespace) {
            Some(("wrong", value)) => Ok(DnsFault::WrongValue(value.trim().to_owned())),
            _ => Err(ControlRefusal::wrong("the fault is one of servfail, timeout, refused and wrong VALUE")),
        },
    }
}

pub(super) async fn clear_fault(
    State(handle): State<Handle>,
    Path(name): Path<String>,
) -> Result<Response, ControlRefusal> {
    handle.clear_dns_fault(&name).map_err(ControlRefusal::wrong)?;
    Ok(faults(State(handle)).await)
}

pub(super) async fn clear_faults(State(handle): State<Handle>) -> Response {
    handle.clear_dns_faults();
    faults(State(handle)).await
}
