//! Converts an accepted `SendEmail` call to the received mail.

use super::Context;
use super::draft::Draft;
use crate::core::account::{Identity, domain_of};
use crate::core::lifecycle::Status;
use crate::core::mail::{Envelope, Mail, compose, read};

/// Composes the message and parses it as a mail program does.
pub(super) fn arrived(
    cx: &Context<'_>,
    draft: Draft,
    message_id: String,
    identity: &Identity,
    set: Option<String>,
    mailed_by: String,
) -> Mail {
    let account = &*cx.account;
    let envelope = Envelope {
        from: &draft.from,
        to: &draft.destination.to,
        cc: &draft.destination.cc,
        reply_to: &draft.reply_to,
        message_id: &message_id,
        region: &account.settings.region,
        date: cx.now,
    };
    let source = compose(&draft.message, &envelope);
    let seen = read(source.as_bytes()).unwrap_or_default();
    let reasons = account.suppression_reasons(set.as_deref(), draft.tenant.as_deref());
    let deliveries = draft.destination.all().map(|it| account.suppressions.fate(it, &reasons)).collect();
    let signed_by = account
        .dkim_of(identity)
        .filter(|dkim| dkim.signing_enabled && dkim.track.status == Status::Success)
        .map(|_| domain_of(&identity.name));
    let from = seen.from.join(", ");
    Mail {
        from: if from.is_empty() { draft.from } else { from },
        message_id,
        time: cx.now,
        to: seen.to,
        cc: seen.cc,
        reply_to: seen.reply_to,
        subject: seen.subject,
        text: seen.text,
        html: seen.html,
        headers: seen.headers,
        source,
        identity: identity.name.clone(),
        configuration_set: set,
        tenant: draft.tenant,
        tags: draft.tags,
        mailed_by,
        signed_by,
        deliveries,
    }
}
