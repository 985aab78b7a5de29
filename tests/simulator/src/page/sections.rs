//! The dynamic parts of the page.

use super::html::{badge, button, escaped, joined, table, time};
use crate::core::faults::{ActiveFault, FaultKind};
use crate::handle::Handle;
use crate::journal::{Call, DnsQuery};

/// Number of calls on the page.
const CALLS: usize = 100;
/// Number of DNS questions on the page.
const QUESTIONS: usize = 50;

pub(super) fn clock(handle: &Handle) -> String {
    format!("<output id=clock class=live>{} <small>UTC</small></output>", time(handle.now()))
}

/// Active faults, and the rate limit.
pub(super) fn faults(handle: &Handle) -> String {
    let mut items: Vec<String> = handle.faults().iter().map(described).collect();
    if handle.dns_is_down() {
        items.push("The DNS server answers nothing".to_owned());
    }
    items.extend(handle.dns_faults().iter().map(|(name, fault)| format!("DNS for {name}: {fault:?}")));
    let list = if items.is_empty() {
        "<p class=quiet>Everything works.</p>".to_owned()
    } else {
        let items = joined(items.iter().map(|item| format!("<li>{}</li>", escaped(item))));
        format!("<ul class=troubles>{items}</ul>{}", button("switch", &[("what", "well")], "End all of it"))
    };
    let throttle = match handle.rate() {
        Some(rate) => format!(
            "<p>SES lets <strong>{rate}</strong> call{} a second pass, for all clients together.</p>{}",
            if (rate - 1.0).abs() < f64::EPSILON { "" } else { "s" },
            button("switch", &[("what", "throttle-off")], "Switch the limit off")
        ),
        None => format!(
            "<p>The rate limit is <strong>off</strong>.</p>{}",
            button("switch", &[("what", "throttle-on")], "One call a second")
        ),
    };
    let sending = sending(handle);
    format!("<div id=faults class=\"live troubled\"><div>{list}</div><div>{throttle}</div><div>{sending}</div></div>")
}

/// The account's sending limits.
fn sending(handle: &Handle) -> String {
    let account = handle.account();
    let quota = account.quota();
    let place = if account.production_access {
        format!("<p>The account is in <strong>production</strong>.</p>{}", switch("sandbox", "Put it into the sandbox"))
    } else {
        let text = "The account is in the <strong>sandbox</strong>: it sends to verified addresses only.";
        format!("<p>{text}</p>{}", switch("production", "Give it production access"))
    };
    let paused = if account.sending_enabled {
        switch("pause", "Pause sending")
    } else {
        format!("<p>Sending is <strong>paused</strong>.</p>{}", switch("resume", "Let it send again"))
    };
    let (per_day, per_second) = (quota.max_24_hour_send, quota.max_send_rate);
    format!("{place}<p class=quiet>{per_day} recipients a day, {per_second} a second.</p>{paused}")
}

fn switch(what: &str, label: &str) -> String {
    button("switch", &[("what", what)], label)
}

fn described(active: &ActiveFault) -> String {
    let fault = &active.fault;
    let what = match &fault.kind {
        FaultKind::Error { status, code, .. } => format!("{status} {code}"),
        FaultKind::Latency(ms) => format!("{ms} ms slower"),
        FaultKind::Late(ms) => format!("answer {ms} ms late"),
        FaultKind::Drop => "connection dropped".to_owned(),
        FaultKind::Malformed => "answer broken off".to_owned(),
    };
    let operation = fault.operation.as_deref().unwrap_or("every call");
    let identity = fault.identity.as_deref().map(|name| format!(" for {name}")).unwrap_or_default();
    let share = fault.share.map(|(struck, of)| format!(", {struck} of {of}")).unwrap_or_default();
    let times = fault.times.map(|times| format!(", at most {times} times")).unwrap_or_default();
    format!("{operation}{identity}: {what}{share}{times} (so far {})", active.struck)
}

pub(super) fn zone(handle: &Handle) -> String {
    let records = handle.records();
    let rows = records.iter().flat_map(|set| set.values.iter().map(|value| record(&set.name, &set.rtype, value)));
    table("zone", &["Name", "Type", "Value", "<span class=unseen>Action</span>"], rows, "No records.")
}

fn record(name: &str, rtype: &str, value: &str) -> String {
    let remove = button("record/remove", &[("name", name), ("rtype", rtype), ("value", value)], "Remove");
    let (name, value) = (escaped(name), escaped(value));
    format!(
        "<tr><td class=name>{name}</td><td>{rtype}</td><td class=value>{value}</td><td class=act>{remove}</td></tr>"
    )
}

pub(super) fn journal(handle: &Handle) -> String {
    let heads = ["No.", "Simulated time", "Operation", "Identity or tenant", "Answer", "Caller and request"];
    table("journal", &heads, handle.newest_calls(CALLS).iter().map(call), "No calls.")
}

fn call(call: &Call) -> String {
    let class = match call.status {
        200..=299 => "good",
        429 => "warning",
        _ => "bad",
    };
    let about: Vec<&str> = [&call.identity, &call.tenant].into_iter().flatten().map(String::as_str).collect();
    let status = if call.status == 0 { "no answer".to_owned() } else { call.status.to_string() };
    let fault = call.fault.as_deref().map(|fault| badge("tag", &format!("injected: {fault}"))).unwrap_or_default();
    let fault = if call.fault.as_deref() == Some("throttle") { String::new() } else { fault };
    format!(
        "<tr><td>{}</td><td class=time>{}</td><td>{}</td><td>{}</td><td>{} {} {fault}</td>\
         <td class=value><b>{}</b> {}</td></tr>",
        call.seq,
        time(call.time),
        escaped(&call.operation),
        escaped(&about.join(", ")),
        badge(class, &status),
        escaped(call.error.as_deref().unwrap_or("")),
        escaped(call.access_key.as_deref().unwrap_or("unsigned")),
        escaped(&call.request),
    )
}

pub(super) fn questions(handle: &Handle) -> String {
    let queries = handle.newest_dns_queries(QUESTIONS);
    table("questions", &["No.", "Name", "Type", "Answer"], queries.iter().map(question), "No questions.")
}

fn question(query: &DnsQuery) -> String {
    let class = if query.answer == "NOERROR" { "good" } else { "waiting" };
    let (name, answer) = (escaped(&query.name), badge(class, &query.answer));
    format!("<tr><td>{}</td><td class=name>{name}</td><td>{}</td><td>{answer}</td></tr>", query.seq, query.rtype)
}
