//! The identities on the page, one card each.

use super::html::{badge, button, escaped, joined, time};
use crate::core::account::{IdentityType, IdentityView, MailFromView, VerificationError};
use crate::core::lifecycle::Status;
use crate::handle::Handle;

pub(super) fn identities(handle: &Handle) -> String {
    let cards = joined(handle.identities().iter().map(|view| card(handle, view)));
    let empty = "<p class=quiet>There is none yet. A call of CreateEmailIdentity makes one, or the form below.</p>";
    let cards = if cards.is_empty() { empty.to_owned() } else { cards };
    format!("<div id=identities class=\"live cards\">{cards}</div>")
}

fn card(handle: &Handle, view: &IdentityView) -> String {
    let domain = view.kind == IdentityType::Domain;
    let tags = joined(view.tags.iter().map(|(key, value)| badge("tag", &format!("{key}={value}"))));
    let set = view.configuration_set.as_deref().map(|set| badge("tag", &format!("set {set}"))).unwrap_or_default();
    let tenants = joined(view.tenants.iter().map(|tenant| badge("tag", &format!("tenant {tenant}"))));
    let pinned = if view.pinned { badge("tag", "held by hand") } else { String::new() };
    let kind = if domain { "domain" } else { "address" };
    let sends = match (view.verified_for_sending, view.verification_status.allows_sending()) {
        (true, true) => "may send",
        (true, false) => "may send through a verified domain above it",
        (false, _) => "may not send",
    };
    let signing = if view.signing_enabled { "DKIM signing on" } else { "DKIM signing off" };
    format!(
        "<article><h3>{name}</h3><p class=quiet>{kind} · {sends} · {signing} · {origin}</p>\
         <dl><div><dt>Verification</dt><dd>{verification}</dd></div><div><dt>DKIM</dt><dd>{dkim}</dd></div>{mail_from}</dl>\
         <p>{story}</p><p class=chips>{tags}{tenants}{set}{pinned}</p>{records}{policies}<div class=row>{buttons}</div></article>",
        name = escaped(&view.name),
        origin = escaped(&view.origin),
        verification = status(view.verification_status),
        dkim = status(view.dkim_status),
        story = escaped(&story(view)),
        mail_from = view.mail_from.as_ref().map(mail_from).unwrap_or_default(),
        records = wanted(handle, view),
        policies = policies(view),
        buttons = buttons(view, domain),
    )
}

fn status(status: Status) -> String {
    let class = match status {
        Status::Success => "good",
        Status::Pending | Status::NotStarted => "waiting",
        Status::TemporaryFailure => "warning",
        Status::Failed => "bad",
    };
    badge(class, status.as_str())
}

/// Describes what SES is doing about the identity.
fn story(view: &IdentityView) -> String {
    let until = view.deadline.map(|deadline| format!(" It gives up at {}.", time(deadline))).unwrap_or_default();
    let why = match view.error {
        Some(VerificationError::HostNotFound) => " Last look: no such record (HOST_NOT_FOUND).",
        Some(VerificationError::TypeNotFound) => " Last look: the name has another type of record (TYPE_NOT_FOUND).",
        Some(VerificationError::InvalidValue) => " Last look: the record says something else (INVALID_VALUE).",
        Some(VerificationError::DnsServerError) => " Last look: the DNS server failed (DNS_SERVER_ERROR).",
        None => "",
    };
    match (view.verification_status, view.kind) {
        (_, _) if view.pinned => "This state was set by hand and stays.".to_owned(),
        (Status::Success, IdentityType::Domain) => format!("SES found the records.{why}"),
        (Status::Success, IdentityType::EmailAddress) => "The link in the mail was clicked.".to_owned(),
        (Status::TemporaryFailure, _) => format!("The records vanished; SES keeps looking.{why}{until}"),
        (Status::Failed, IdentityType::EmailAddress) => {
            "Nobody clicked the link in the mail within 24 hours.".to_owned()
        }
        (Status::Failed, IdentityType::Domain) => format!("SES gave up and looks no more.{why}"),
        (_, IdentityType::EmailAddress) => format!("SES waits for a click in the mail it sent.{until}"),
        (_, IdentityType::Domain) => format!("SES looks for the records.{why}{until}"),
    }
}

fn mail_from(view: &MailFromView) -> String {
    format!("<div><dt>MAIL FROM</dt><dd>{} {}</dd></div>", status(view.status), escaped(&view.domain))
}

fn policies(view: &IdentityView) -> String {
    if view.policies.is_empty() {
        return String::new();
    }
    let policy = |(name, text): (&String, &String)| format!("{}\n    {}\n", escaped(name), escaped(text));
    let (key, count) = (escaped(&view.name), view.policies.len());
    let texts = joined(view.policies.iter().map(policy));
    format!("<details data-key=\"policies {key}\"><summary>Policies: {count}</summary><pre>{texts}</pre></details>")
}

/// The records that SES requires, and the SPF record of a MAIL FROM domain.
fn wanted(handle: &Handle, view: &IdentityView) -> String {
    let mut records = match view.kind {
        IdentityType::Domain => handle.dkim_records(&view.name),
        IdentityType::EmailAddress => Vec::new(),
    };
    records.extend(view.mail_from.iter().flat_map(|mail_from| handle.mail_from_records(&mail_from.domain)));
    if records.is_empty() {
        return String::new();
    }
    let row =
        |(name, rtype, value): &(String, &str, String)| format!("{}. {rtype}\n    {}\n", escaped(name), escaped(value));
    let rows = joined(records.iter().map(row));
    let key = escaped(&view.name);
    format!("<details data-key=\"{key}\"><summary>Records SES looks for</summary><pre>{rows}</pre></details>")
}

fn buttons(view: &IdentityView, domain: bool) -> String {
    let button = |action, label| button("identity", &[("name", &view.name), ("action", action)], label);
    let mut buttons = Vec::new();
    if domain {
        buttons.push(button("publish", "Publish records"));
        buttons.push(button("unpublish", "Remove records"));
        buttons.push(if view.signing_enabled {
            button("signing-off", "Turn signing off")
        } else {
            button("signing-on", "Turn signing on")
        });
    }
    if view.mail_from.is_some() {
        buttons.push(button("publish-mail-from", "Publish MAIL FROM records"));
        buttons.push(button("unpublish-mail-from", "Remove MAIL FROM records"));
    }
    if !domain && matches!(view.verification_status, Status::NotStarted | Status::Pending) {
        buttons.push(button("click", "Click the link in the mail"));
    }
    buttons.push(button("delete", "Delete identity"));
    buttons.concat()
}
