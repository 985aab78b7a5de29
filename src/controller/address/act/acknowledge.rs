//! Records SES's answer to a mail in the claim, however the claim has changed meanwhile.

use super::{sender::Mailer, sent::Sent};
use crate::{
    cluster::{
        leadership::Term,
        store::{REQUEST_DEADLINE, StoreError},
    },
    controller::{
        address::{
            observe::{name_of_claim, observation::Observation},
            report::events,
        },
        claim_writes,
        config::MailConfig,
        context::{Context, ReconcileError},
    },
    model::{
        claim::{Claim, StoredClaim},
        confirmation::{
            Confirmation, Request,
            evidence::{self, Evidence, EvidenceEvent},
            limits::without_mail,
        },
    },
};

/// Attempts to write the record to a claim that others are changing.
const TRIES: usize = 5;

/// The known result of a send.
enum Known {
    Sent(Sent),
    NotSent,
}

/// Records an acknowledged send, and removes a rejected one. A send without an answer remains counted.
pub async fn acknowledge(
    mailer: &Mailer,
    observation: &mut Observation,
    mail: &MailConfig,
    sent: Result<Option<Sent>, ReconcileError>,
    term: Term,
) -> Result<(), ReconcileError> {
    let context = &mailer.context;
    let (known, after) = match sent {
        Ok(Some(sent)) => {
            context.metrics.mail("sent");
            (Known::Sent(sent), Ok(()))
        }
        // The claim has changed; the next reconcile decides what is due.
        Ok(None) => (Known::NotSent, Err(ReconcileError::Store(StoreError::Conflict))),
        Err(ReconcileError::Ses(error)) if error.had_no_effect() => {
            context.metrics.mail("refused");
            observation.held_back = Some(mailer.held_back_by(&error));
            (Known::NotSent, Err(ReconcileError::Ses(error)))
        }
        Err(ReconcileError::Ses(error)) => {
            context.metrics.mail("unknown");
            return Err(ReconcileError::Ses(error));
        }
        Err(error) => (Known::NotSent, Err(error)),
    };
    let Some(counted) = observation.claim.clone() else { return after };
    if matches!(known, Known::Sent(_)) {
        observation.progress.events.extend(events::owner_asked(observation));
    }
    write_known(mailer, observation, mail, &counted, &known, term).await?;
    after
}

async fn write_known(
    mailer: &Mailer,
    observation: &mut Observation,
    mail: &MailConfig,
    counted: &StoredClaim,
    known: &Known,
    term: Term,
) -> Result<(), ReconcileError> {
    let context = &mailer.context;
    let name = name_of_claim(context, &observation.address);
    let mut current = Some(counted.clone());
    for _ in 0..TRIES {
        let Some(stored) = current else { break };
        let Some(next) = noted(context, mail, counted, &stored.claim, known) else { break };
        context.ensure_leading(term, REQUEST_DEADLINE).await?;
        match context.ports.store.swap_claim(&name, &stored, &next).await {
            Ok(stored) => {
                claim_writes::note(context, &stored);
                observation.claim = Some(stored);
                return Ok(());
            }
            // The owner or an administrator was faster.
            Err(StoreError::Conflict) => {
                current = context.ports.store.claim(&name).await.map_err(ReconcileError::Store)?;
            }
            Err(error) => return Err(ReconcileError::Store(error)),
        }
    }
    Err(ReconcileError::Store(StoreError::Conflict))
}

/// The claim with the result, if it still is about the same attempt.
fn noted(context: &Context, mail: &MailConfig, counted: &StoredClaim, now: &Claim, known: &Known) -> Option<Claim> {
    let before = counted.claim.confirmation.as_ref()?.request.as_ref()?;
    let (tenant, confirmation) = (counted.claim.tenant.as_ref()?, now.confirmation.as_ref()?);
    let same = |request: &&Request| request.id == before.id && request.attempt.number == before.attempt.number;
    let request = confirmation.request.as_ref().filter(same);
    let next = match known {
        Known::Sent(sent) => {
            let time = context.ports.clock.now();
            let entry = Evidence {
                message_id: Some(sent.message_id.clone()),
                template: Some(mail.templates.version().to_owned()),
                holder: counted.claim.holder.clone(),
                ..Evidence::of(EvidenceEvent::Sent, tenant, sent.link.attempt, time)
            };
            let attempt = |request: &Request| request.attempt.sent(time, sent.link.expiry);
            Confirmation {
                request: request.map(|request| Request { attempt: attempt(request), ..request.clone() }),
                evidence: evidence::with(&confirmation.evidence, entry),
                ..confirmation.clone()
            }
        }
        Known::NotSent => Confirmation {
            request: request.map(|request| Request { attempt: request.attempt.not_sent(), ..request.clone() }),
            mails: without_mail(&confirmation.mails, tenant, before.attempt.begun_time?),
            ..confirmation.clone()
        },
    };
    // A request that was replaced meanwhile stays unchanged.
    let request = next.request.or_else(|| confirmation.request.clone());
    Some(Claim { confirmation: Some(Confirmation { request, ..next }), ..now.clone() })
}
