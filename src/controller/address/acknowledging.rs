//! What SES said of a mail is written down, whatever else has happened to the claim meanwhile.

use super::{
    facts::{Observed, Post},
    notices,
    sending::Sent,
};
use crate::{
    cluster::{
        leadership::Term,
        store::{Notice, REQUEST_DEADLINE, StoreError},
    },
    controller::{Controller, domain::facts::Trouble},
    model::{
        claim::{Claim, StoredClaim},
        confirmation::{
            Confirmation, Request,
            evidence::{self, Event, Evidence},
            limits::without_mail,
        },
    },
};

/// So often the same is written against a claim that others are changing.
const TRIES: usize = 5;

/// What is known of a send.
enum Known {
    Sent(Sent),
    NotSent,
}

impl Controller {
    /// Notes a send that SES acknowledged, takes back one that it is known to have refused, and leaves one of which nothing was
    /// heard as it was counted.
    pub(super) async fn acknowledge(
        &self,
        seen: &mut Observed,
        post: &Post,
        sent: Result<Option<Sent>, Trouble>,
        term: Term,
        notices: &mut Vec<Notice>,
    ) -> Result<(), Trouble> {
        let (known, after) = match sent {
            Ok(Some(sent)) => {
                self.metrics.mail("sent");
                (Known::Sent(sent), Ok(()))
            }
            // The claim has changed: the next pass sees what is due now.
            Ok(None) => (Known::NotSent, Err(Trouble::Store(StoreError::Conflict))),
            Err(Trouble::Ses(error)) if error.had_no_effect() => {
                self.metrics.mail("refused");
                seen.held_back = Some(self.held_back_by(&error));
                (Known::NotSent, Err(Trouble::Ses(error)))
            }
            Err(Trouble::Ses(error)) => {
                self.metrics.mail("unknown");
                return Err(Trouble::Ses(error));
            }
            Err(trouble) => (Known::NotSent, Err(trouble)),
        };
        let Some(counted) = seen.claim.clone() else { return after };
        if matches!(known, Known::Sent(_)) {
            notices.extend(notices::owner_asked(seen));
        }
        self.write_known(seen, post, &counted, &known, term).await?;
        after
    }

    async fn write_known(
        &self,
        seen: &mut Observed,
        post: &Post,
        counted: &StoredClaim,
        known: &Known,
        term: Term,
    ) -> Result<(), Trouble> {
        let name = self.name_of_claim(&seen.address);
        let mut current = Some(counted.clone());
        for _ in 0..TRIES {
            let Some(stored) = current else { break };
            let Some(next) = self.noted(post, counted, &stored.claim, known) else { break };
            self.lead(term, REQUEST_DEADLINE).await?;
            match self.ports.store.swap_claim(&name, &stored, &next).await {
                Ok(stored) => {
                    self.note_claim(&stored);
                    seen.claim = Some(stored);
                    return Ok(());
                }
                // The owner was fast, or an administrator.
                Err(StoreError::Conflict) => current = self.ports.store.claim(&name).await.map_err(Trouble::Store)?,
                Err(error) => return Err(Trouble::Store(error)),
            }
        }
        Err(Trouble::Store(StoreError::Conflict))
    }

    /// The claim with what is known, if it still is about the same attempt.
    fn noted(&self, post: &Post, counted: &StoredClaim, now: &Claim, known: &Known) -> Option<Claim> {
        let before = counted.claim.confirmation.as_ref()?.request.as_ref()?;
        let (tenant, confirmation) = (counted.claim.tenant.as_ref()?, now.confirmation.as_ref()?);
        let same = |request: &&Request| request.id == before.id && request.attempt.number == before.attempt.number;
        let request = confirmation.request.as_ref().filter(same);
        let next = match known {
            Known::Sent(sent) => {
                let time = self.ports.clock.now();
                let entry = Evidence {
                    message_id: Some(sent.message_id.clone()),
                    template: Some(post.templates.version().to_owned()),
                    holder: counted.claim.holder.clone(),
                    ..Evidence::of(Event::Sent, tenant, sent.link.attempt, time)
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
        // A request that is another one by now stays as it is.
        let request = next.request.or_else(|| confirmation.request.clone());
        Some(Claim { confirmation: Some(Confirmation { request, ..next }), ..now.clone() })
    }
}
