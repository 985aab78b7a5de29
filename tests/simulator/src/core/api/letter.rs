//! The mail that `SendEmail` is about: one message, whether it came in parts or whole.

use super::draft::{Destination, Draft, Letter, check_addresses};
use super::{ApiError, Context};
use crate::core::account::{Account, Identity, domain_of};
use crate::core::lifecycle::Status;
use crate::core::mail::{Envelope, Mail, Seen, address, compose, outgoing, read};

/// A draft whose sender and recipients are known.
pub(super) struct Opened {
    pub(super) draft: Draft,
    /// All whose right to send is asked for, as they were written: `FromEmailAddress`, From, Sender, Return-Path.
    pub(super) senders: Vec<String>,
    /// The configuration set that a raw message names itself.
    set_in_head: Option<String>,
    pub(super) destination: Destination,
    message_id: String,
    /// The message as it goes out, and as it is seen.
    source: String,
    seen: Seen,
}

impl Opened {
    pub(super) fn new(cx: &mut Context<'_>, draft: Draft) -> Result<Self, ApiError> {
        let message_id = cx.account.mailbox.next_id(cx.now);
        match &draft.letter {
            Letter::Simple(_) => {
                let senders: Vec<String> = draft.from.clone().into_iter().collect();
                let destination = draft.destination.clone();
                let (source, seen) = (String::new(), Seen::default());
                let mut opened = Self { draft, senders, set_in_head: None, destination, message_id, source, seen };
                opened.compose(cx);
                Ok(opened)
            }
            Letter::Raw(raw) => {
                let unreadable = || ApiError::bad_request("Raw message could not be parsed.");
                let written = read(raw).ok_or_else(unreadable)?;
                let source = outgoing(&String::from_utf8_lossy(raw), &message_id, &cx.account.settings.region, cx.now);
                let seen = read(source.as_bytes()).ok_or_else(unreadable)?;
                let return_path = written.header("Return-Path").map(str::to_owned).filter(|path| !path.is_empty());
                let senders = draft.from.iter().chain(&written.from).chain(&written.sender).chain(&return_path);
                let senders: Vec<String> = senders.cloned().collect();
                if senders.is_empty() {
                    return Err(ApiError::bad_request("Missing required header 'From'."));
                }
                let named = draft.destination.all().next().is_some();
                let set_in_head = written.header("X-SES-CONFIGURATION-SET").map(str::to_owned);
                let in_head = Destination { to: written.to, cc: written.cc, bcc: written.bcc };
                let destination = if named { draft.destination.clone() } else { in_head };
                Ok(Self { draft, senders, set_in_head, destination, message_id, source, seen })
            }
        }
    }

    fn compose(&mut self, cx: &Context<'_>) {
        let Letter::Simple(simple) = &self.draft.letter else { return };
        let envelope = Envelope {
            from: self.senders.first().map(String::as_str).unwrap_or_default(),
            to: &self.destination.to,
            cc: &self.destination.cc,
            reply_to: &self.draft.reply_to,
            message_id: &self.message_id,
            region: &cx.account.settings.region,
            date: cx.now,
        };
        self.source = compose(simple, &envelope);
        self.seen = read(self.source.as_bytes()).unwrap_or_default();
    }

    /// The sender as it was written.
    pub(super) fn from(&self) -> &str {
        self.senders.first().map(String::as_str).unwrap_or_default()
    }

    pub(super) fn identity(&self, account: &Account) -> Option<Identity> {
        account.sending_identity(address::spec(self.from())).cloned()
    }

    /// The set of the call, else of the message's head, else the default of the identity.
    pub(super) fn configuration_set(&self, account: &Account) -> Option<String> {
        let default = || self.identity(account)?.configuration_set;
        self.named_set().or_else(default)
    }

    fn named_set(&self) -> Option<String> {
        self.draft.configuration_set.clone().or_else(|| self.set_in_head.clone())
    }

    pub(super) fn names_its_set(&self) -> bool {
        self.named_set().is_some()
    }

    pub(super) fn check(&self, destination: &Destination) -> Result<(), ApiError> {
        let others = self.senders.iter().chain(&self.draft.feedback).chain(&self.draft.reply_to);
        check_addresses(others, destination)
    }

    pub(super) fn accepted(
        self,
        cx: &Context<'_>,
        identity: &Identity,
        set: Option<String>,
        mailed_by: String,
    ) -> Mail {
        let account = &*cx.account;
        let reasons = account.suppression_reasons(set.as_deref(), self.draft.tenant.as_deref());
        let deliveries = self.destination.all().map(|it| account.suppressions.fate(it, &reasons)).collect();
        let signed_by = account
            .dkim_of(identity)
            .filter(|dkim| dkim.signing_enabled && dkim.track.status == Status::Success)
            .map(|_| domain_of(&identity.name));
        let from = self.seen.from.join(", ");
        Mail {
            from: if from.is_empty() { self.from().to_owned() } else { from },
            message_id: self.message_id,
            time: cx.now,
            to: self.seen.to,
            cc: self.seen.cc,
            reply_to: self.seen.reply_to,
            subject: self.seen.subject,
            text: self.seen.text,
            html: self.seen.html,
            headers: self.seen.headers,
            source: self.source,
            identity: identity.name.clone(),
            configuration_set: set,
            tenant: self.draft.tenant,
            tags: self.draft.tags,
            mailed_by,
            signed_by,
            deliveries,
        }
    }
}
