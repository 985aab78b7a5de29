//! Control of the clock and the journal, and the overview.

use std::time::Duration;

use axum::extract::{Query, State};
use axum::response::Response;
use jiff::{Span, SpanRelativeTo, Timestamp};
use serde::Deserialize;
use serde_json::json;

use super::{ControlRefusal, pretty};
use crate::handle::Handle;

pub(super) async fn state(State(handle): State<Handle>) -> Response {
    pretty(&json!({
        "now": handle.now(),
        "account": handle.account(),
        "rate": handle.rate(),
        "identities": handle.identities(),
        "tenants": handle.tenants(),
        "configuration_sets": handle.configuration_sets(),
        "records": handle.records(),
        "faults": handle.faults(),
        "dns_faults": handle.dns_faults(),
        "dns_down": handle.dns_is_down(),
        "mails": handle.mails().len(),
        "suppressed": handle.suppressed(),
        "scanners": handle.scanners(),
        "calls": handle.call_count(),
    }))
}

pub(super) async fn clock(State(handle): State<Handle>) -> String {
    format!("{}\n", handle.now())
}

pub(super) async fn set_clock(State(handle): State<Handle>, body: String) -> Result<String, ControlRefusal> {
    let to: Timestamp = body.trim().parse().map_err(ControlRefusal::wrong)?;
    handle.set_time(to).await;
    Ok(clock(State(handle)).await)
}

pub(super) async fn advance(State(handle): State<Handle>, body: String) -> Result<String, ControlRefusal> {
    handle.advance(span_from(&body)?).await;
    Ok(clock(State(handle)).await)
}

/// A time span in human notation: `72h`, `3d`, `1h 30m`.
pub(crate) fn span_from(text: &str) -> Result<Duration, ControlRefusal> {
    let span: Span = text.trim().parse().map_err(ControlRefusal::wrong)?;
    let length = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(ControlRefusal::wrong)?;
    Duration::try_from(length).map_err(|_| ControlRefusal::wrong("a time span to advance by is not negative"))
}

#[derive(Deserialize)]
pub(super) struct After {
    after: Option<u64>,
}

pub(super) async fn journal(State(handle): State<Handle>, Query(After { after }): Query<After>) -> Response {
    let mut calls = handle.journal();
    calls.retain(|call| after.is_none_or(|after| call.seq > after));
    pretty(&calls)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_people_write_them() {
        let table = [
            ("72h", Some(72 * 3600)),
            ("3d", Some(72 * 3600)),
            (" 1h 30m\n", Some(5400)),
            ("PT1H", Some(3600)),
            ("0s", Some(0)),
            ("-1h", None),
            ("soon", None),
            ("1 month", None),
        ];
        for (text, seconds) in table {
            assert_eq!(span_from(text).ok().map(|span| span.as_secs()), seconds, "{text}");
        }
    }
}
