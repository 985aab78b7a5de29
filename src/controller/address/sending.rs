//! Sending a mail: counted first, in turn, then acknowledged.
//!
//! 1. Under one lock for all: is there room within the limits? Then the send is counted in the claim, by compare-and-swap.
//! 2. The mail waits for its turn; tenants take turns.
//! 3. Right before it is sent, the claims are read again: the request may be answered or void by now, the domain another's.
//! 4. What SES said is written down. If that is lost, the mail was sent and its link is good; a minute later there is a second.

use std::{sync::Arc, time::Duration};

use data_encoding::HEXLOWER;
use jiff::Timestamp;

use super::{
    decide::{may_ask, with_request},
    facts::{HeldBack, Observed, Post},
};
use crate::{
    cluster::{leadership::Term, store::Notice},
    controller::{Controller, domain::facts::Trouble, worker::Worker},
    mail::{Asker, Language, Letter},
    model::{
        claim::{Claim, State},
        confirmation::{Confirmation, Request, limits::with_mail},
        coverage::Suffixes,
        link::{LIFE, Link},
        tenant::Tenant,
    },
    ses::{
        Outgoing, SesError,
        budget::{Asking, Lane},
    },
};

/// So many throttled answers in a row put a mail back.
const THROTTLED_TRIES: usize = 3;

/// A mail that SES took.
pub(super) struct Sent {
    pub(super) message_id: String,
    pub(super) link: Link,
}

impl Controller {
    /// Sends the mail that is due, or says in `seen.held_back` why not.
    pub(super) async fn send(
        &self,
        seen: &mut Observed,
        worker: &Worker,
        term: Term,
        notices: &mut Vec<Notice>,
    ) -> Result<(), Trouble> {
        let Some(post) = self.me.post.clone() else {
            let problem = "owners of mailboxes can't be asked: set --confirmation-sender and --public-url";
            self.health.note("mail", Some(problem.to_owned()));
            seen.held_back = Some(HeldBack::NotConfigured);
            return Ok(());
        };
        if let Some(trouble) = worker.rest(self.sender_trouble(&post, term)).await? {
            seen.held_back = Some(trouble);
            return Ok(());
        }
        if !self.count_send(seen, &post, term, notices).await? {
            return Ok(());
        }
        let sent = worker.rest(self.send_in_turn(seen, &post, term)).await;
        self.acknowledge(seen, &post, sent, term, notices).await
    }

    /// Counts the send in the claim if there is room for it. Passes count one after the other: together they can't pass a limit.
    async fn count_send(
        &self,
        seen: &mut Observed,
        post: &Post,
        term: Term,
        notices: &mut Vec<Notice>,
    ) -> Result<bool, Trouble> {
        let _one = self.counting.lock().await;
        let now = self.ports.clock.now();
        let Some((tenant, confirmation)) = held(seen) else { return Ok(false) };
        let room = {
            let index = self.index();
            post.limits.room(tenant, seen.address.domain(), &confirmation.mails, &index.mails(), now)
        };
        if let Err((limit, until)) = room {
            seen.held_back = Some(HeldBack::Limit(limit, until));
            self.metrics.mail("held_back");
            return Ok(false);
        }
        let Some(request) = &confirmation.request else { return Ok(false) };
        let begun = Request { attempt: request.attempt.begun(now), ..request.clone() };
        let mails = with_mail(&confirmation.mails, tenant, now);
        let Some(mut counted) = with_request(seen, begun) else { return Ok(false) };
        counted.confirmation = counted.confirmation.map(|confirmation| Confirmation { mails, ..confirmation });
        self.write_address_claim(seen, &counted, term, notices).await?;
        Ok(true)
    }

    /// Waits for a turn and sends, if the request still stands then. `None`: it does not.
    async fn send_in_turn(&self, seen: &mut Observed, post: &Post, term: Term) -> Result<Option<Sent>, Trouble> {
        let tenant: Arc<str> = seen.holder().map(|holder| holder.asker.tenant.to_string()).unwrap_or_default().into();
        for _ in 0..THROTTLED_TRIES {
            let asking = Asking { lane: Lane::Interactive, tenant: &tenant, place: self.last_place(), subject: "" };
            let turn = tokio::select! {
                biased;
                () = self.stopping.cancelled() => return Err(Trouble::Deferred(Duration::ZERO)),
                () = self.ports.leadership.lost(term) => return Err(Trouble::NotLeading),
                turn = self.ports.sends.turn(asking) => turn,
            };
            self.metrics.mail_wait(turn.map_err(|deferred| Trouble::Deferred(deferred.wait))?);
            if !self.still_stands(seen).await? {
                return Ok(None);
            }
            let Some((mail, link)) = self.mail(seen, post)? else { return Ok(None) };
            self.lead(term, self.me.ses_timeout).await?;
            let sending = tokio::time::timeout(self.me.ses_timeout, self.ports.ses.send(&mail));
            let answer = sending.await.unwrap_or(Err(SesError::Unreachable));
            self.metrics.ses_call("SendEmail", answer.as_ref().err());
            match answer {
                Err(SesError::Throttled) => self.ports.sends.answered(true),
                Err(SesError::Unreachable) => return Err(Trouble::Ses(SesError::Unreachable)),
                other => {
                    self.ports.sends.answered(false);
                    return other.map(|message_id| Some(Sent { message_id, link })).map_err(Trouble::Ses);
                }
            }
        }
        Err(Trouble::Ses(SesError::Throttled))
    }

    /// Whether the request that was counted is still what the claim says.
    async fn still_stands(&self, seen: &mut Observed) -> Result<bool, Trouble> {
        let Some(stored) = &seen.claim else { return Ok(false) };
        let name = self.name_of_claim(&seen.address);
        let now = self.ports.store.claim(&name).await.map_err(Trouble::Store)?;
        if now.is_none_or(|now| now.version != stored.version) {
            return Ok(false);
        }
        // The domain's claim is another object: whoever waits long may find it in other hands.
        let domains = self.ports.store.suffix_claims(&self.me.environment, seen.address.domain()).await;
        let domains = domains.map_err(Trouble::Store)?;
        seen.domain_suspended = self.is_suspended(&domains).await.map_err(Trouble::Store)?;
        seen.suffixes = Suffixes::of(&seen.address, domains.iter().map(|stored| &stored.claim));
        let stands = seen.request().is_some_and(|request| seen.suffixes.standing(&request.under).is_some());
        Ok(stands && may_ask(seen))
    }

    /// The mail to the owner, and the link in it, good from now on. `None`: there is nobody to write for.
    fn mail(&self, seen: &Observed, post: &Post) -> Result<Option<(Outgoing, Link)>, Trouble> {
        let (Some(request), Some(holder)) = (seen.request(), seen.holder()) else { return Ok(None) };
        let Some(id) = request.link_id() else { return Ok(None) };
        let expiry = self.ports.clock.now().saturating_add(LIFE).unwrap_or(Timestamp::MAX);
        let link = Link { hash: seen.address.hash(), id, attempt: request.attempt.number, expiry };
        let sealed = post.keys.seal(&self.me.environment, &link);
        let spec = &holder.object.spec;
        let tenant = match &holder.asker.tenant {
            Tenant::Label(label) => Some(label.clone()),
            Tenant::Namespace { .. } => None,
        };
        let letter = Letter {
            language: spec.locale.and_then(|locale| Language::of_tag(locale.tag())).unwrap_or(post.language),
            address: seen.address.to_string(),
            domain: seen.address.domain().to_string(),
            asker: Asker {
                namespace: holder.asker.object.namespace.clone(),
                name: holder.asker.object.name.clone(),
                tenant,
            },
            environment: self.me.environment.clone(),
            company: post.company.clone(),
            note: spec.note.clone(),
            link: format!("{}/confirm/{sealed}", post.public_url),
            code: post.codes.then(|| post.keys.code(&self.me.environment, &link)),
            expiry,
        };
        let rendered = match post.templates.render(&letter) {
            Ok(rendered) => rendered,
            Err(error) => {
                // Templates are tried at start, so this is a defect. The pass fails, and comes again more and more seldom.
                tracing::error!(%error, "a mail could not be written");
                return Err(Trouble::Ses(SesError::Rejected { code: "template".to_owned() }));
            }
        };
        let mail = Outgoing {
            from: post.sender.clone(),
            from_name: post.sender_name.clone(),
            to: seen.address.clone(),
            subject: rendered.subject,
            text: rendered.text,
            html: rendered.html,
            // No machine should answer (RFC 3834 §5), and repeated mails of a request belong together.
            headers: vec![
                ("Auto-Submitted", "auto-generated".to_owned()),
                ("X-Auto-Response-Suppress", "All".to_owned()),
                ("X-Entity-Ref-ID", HEXLOWER.encode(&link.id)),
            ],
            configuration_set: post.configuration_set.clone(),
        };
        Ok(Some((mail, link)))
    }
}

/// Who holds the claim, and what it keeps of the confirmation.
fn held(seen: &Observed) -> Option<(&Tenant, &Confirmation)> {
    let claim: &Claim = &seen.claim.as_ref()?.claim;
    let tenant = claim.tenant.as_ref().filter(|_| claim.state == State::Held)?;
    Some((tenant, claim.confirmation.as_ref()?))
}
