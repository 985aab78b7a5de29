//! Sends a mail: counts it, waits for its turn, sends it, records the answer.
//!
//! 1. Under one lock for all: check the limits, then count the send in the claim, by compare-and-swap.
//! 2. Wait for a turn; tenants take turns.
//! 3. Right before the send, read the claims again: the request may be answered or void, or the domain may belong to
//!    another tenant.
//! 4. Record SES's answer. If that write is lost, the mail was sent and its link is valid; a second mail follows a
//!    minute later.

use std::sync::Arc;

use super::{acknowledge::acknowledge, claim, confirmation_mail::confirmation_mail, sender::Mailer, sent::Sent};
use crate::{
    cluster::leadership::Term,
    controller::{
        address::{
            decide::{assess::may_request, with_request},
            observe::{
                is_suspended, name_of_claim,
                observation::{HeldBack, Observation},
            },
        },
        config::MailConfig,
        context::ReconcileError,
        ses_calls::THROTTLED_TRIES,
        subject::Reconcile,
    },
    model::scheduling::lanes::Lane,
    model::{
        claim::{Claim, State},
        confirmation::{Confirmation, Request, limits::with_mail},
        coverage::Suffixes,
        tenant::Tenant,
    },
    ses::{SesError, call_budget::CallRequest},
};

/// Sends the due mail, or records in `observation.held_back` what prevents it.
pub async fn send(
    mailer: &Mailer,
    observation: &mut Observation,
    reconcile: &Reconcile<'_>,
) -> Result<(), ReconcileError> {
    let context = &mailer.context;
    let Some(mail) = context.config.mail.clone() else {
        let problem = "no email can be sent to mailbox owners: set --confirmation-sender and --public-url";
        context.health.note("mail", Some(problem.to_owned()));
        observation.held_back = Some(HeldBack::NotConfigured);
        return Ok(());
    };
    let term = reconcile.term;
    if let Some(held_back) = reconcile.permit.release_while(mailer.sender_problem(&mail, term)).await? {
        observation.held_back = Some(held_back);
        return Ok(());
    }
    if !count_send(mailer, observation, &mail, term).await? {
        return Ok(());
    }
    let sent = reconcile.permit.release_while(send_when_granted(mailer, observation, &mail, term)).await;
    acknowledge(mailer, observation, &mail, sent, term).await
}

/// Counts the send in the claim if the limits allow it.
async fn count_send(
    mailer: &Mailer,
    observation: &mut Observation,
    mail: &MailConfig,
    term: Term,
) -> Result<bool, ReconcileError> {
    let _one = mailer.counting.lock().await;
    let context = &mailer.context;
    let now = context.ports.clock.now();
    let Some((tenant, confirmation)) = held(observation) else { return Ok(false) };
    let room = {
        let index = context.index();
        let whose = (tenant, &observation.address);
        mailer.turn(&mail.limits, whose, &confirmation.mails, &index.mails(), term)
    };
    if let Err((limit, until)) = room {
        observation.held_back = Some(HeldBack::Limit(limit, until));
        context.metrics.mail("held_back");
        return Ok(false);
    }
    let Some(request) = &confirmation.request else { return Ok(false) };
    let begun = Request { attempt: request.attempt.begun(now), ..request.clone() };
    let mails = with_mail(&confirmation.mails, tenant, now);
    let Some(mut counted) = with_request(observation, begun) else { return Ok(false) };
    counted.confirmation = counted.confirmation.map(|confirmation| Confirmation { mails, ..confirmation });
    claim::write(context, observation, &counted, term).await?;
    mailer.release(&observation.address);
    Ok(true)
}

/// Waits for a turn and sends, if the request is still valid then. `None`: it is not.
async fn send_when_granted(
    mailer: &Mailer,
    observation: &mut Observation,
    mail: &MailConfig,
    term: Term,
) -> Result<Option<Sent>, ReconcileError> {
    let context = &mailer.context;
    let budget = &*context.ports.sends;
    let tenant: Arc<str> =
        observation.holder().map(|holder| holder.claimant.tenant.to_string()).unwrap_or_default().into();
    for _ in 0..THROTTLED_TRIES {
        let place = context.last_place();
        let request = CallRequest { lane: Lane::Interactive, tenant: &tenant, place, subject: "" };
        context.metrics.mail_wait(context.acquire_call(budget, term, request).await?);
        if !still_stands(mailer, observation).await? {
            return Ok(None);
        }
        let now = context.ports.clock.now();
        let Some((outgoing, link)) = confirmation_mail(&context.config, mail, observation, now)? else {
            return Ok(None);
        };
        match context.make_call(budget, term, "SendEmail", context.ports.ses.send(&outgoing)).await? {
            Err(SesError::Throttled) => {}
            answer => {
                return answer.map(|message_id| Some(Sent { message_id, link })).map_err(ReconcileError::Ses);
            }
        }
    }
    Err(ReconcileError::Ses(SesError::Throttled))
}

/// Whether the counted request still equals the request in the claim.
async fn still_stands(mailer: &Mailer, observation: &mut Observation) -> Result<bool, ReconcileError> {
    let context = &mailer.context;
    let store = &context.ports.store;
    let Some(stored) = &observation.claim else { return Ok(false) };
    let now = store.claim(&name_of_claim(context, &observation.address)).await.map_err(ReconcileError::Store)?;
    if now.is_none_or(|now| now.version != stored.version) {
        return Ok(false);
    }
    // The domain's claim is another object: after a long wait another tenant may hold it.
    let domains = store.suffix_claims(&context.config.environment, observation.address.domain()).await;
    let domains = domains.map_err(ReconcileError::Store)?;
    observation.domain_suspended = is_suspended(context, &domains).await.map_err(ReconcileError::Store)?;
    observation.suffixes = Suffixes::of(&observation.address, domains.iter().map(|stored| &stored.claim));
    let stands = observation
        .request()
        .is_some_and(|request| observation.suffixes.current_tenure(&request.domain_tenure).is_some());
    Ok(stands && may_request(observation))
}

/// The holder's tenant, and the confirmation in the claim.
fn held(observation: &Observation) -> Option<(&Tenant, &Confirmation)> {
    let claim: &Claim = &observation.claim.as_ref()?.claim;
    let tenant = claim.tenant.as_ref().filter(|_| claim.state == State::Held)?;
    Some((tenant, claim.confirmation.as_ref()?))
}
