//! The third beat of a pass: one read or write, and what it shows.

use std::collections::BTreeMap;

use super::{
    Turns,
    facts::{Observed, Sight, Trouble},
    notices::{address_notice, claim_notices, identity_notice},
    step::{Look, Write},
};
use crate::{
    api::reasons::EventReason,
    cluster::store::{Notice, REQUEST_DEADLINE},
    controller::Controller,
    model::{
        claim::{Claim, StoredClaim, claim_name},
        records::{Answer, LookUp, RecordType, Wanted, challenge_record, doubled_name},
    },
    ses::Status,
};

impl Controller {
    pub(super) async fn look(&self, seen: &mut Observed, look: Look, turns: &Turns<'_>) -> Result<(), Trouble> {
        // A turn at SES may be minutes away: what DNS showed before is no longer fresh.
        seen.challenge_live &= !matches!(look, Look::Identity | Look::Associations | Look::Addresses);
        match look {
            Look::Related => seen.related = Some(self.live_related(&seen.domain).await.map_err(Trouble::Store)?),
            Look::Candidates => {
                seen.candidates = self.live_candidates(&seen.domain).await.map_err(Trouble::Store)?;
                seen.candidates_live = true;
            }
            Look::Identity => {
                let found =
                    self.call(seen, turns, "GetEmailIdentity", || self.ports.ses.identity(&seen.domain)).await?;
                self.remember_identity(seen, found.map(Box::new));
            }
            Look::Records => self.look_up_records(seen).await,
            Look::Challenge => self.look_up_challenge(seen).await,
            Look::Associations => seen.associations = Some(self.associations(seen, turns).await?),
            Look::Addresses => seen.addresses = Some(self.addresses(seen, turns).await?),
        }
        Ok(())
    }

    fn remember_identity(&self, seen: &mut Observed, found: Option<Box<crate::ses::Identity>>) {
        let now = self.ports.clock.now();
        seen.identity_live = true;
        if let Some(identity) = &found {
            let failed = identity.dkim.status == Status::Failed || identity.verification == Status::Failed;
            seen.memory.restarts = match seen.memory.restarts {
                (count, last) if failed => (count, last.or(Some(now))),
                _ if identity.dkim.status == Status::Success => (0, None),
                kept => kept,
            };
        }
        seen.memory.identity = found.map_or(Sight::Absent(now), |identity| Sight::Present(now, identity));
    }

    async fn look_up_records(&self, seen: &mut Observed) {
        let mut answers = BTreeMap::new();
        for wanted in seen.records(&self.me) {
            let look_up = self.look_up(seen, &wanted).await;
            answers.insert(wanted.name, look_up);
        }
        let now = self.ports.clock.now();
        seen.memory.looked_up = Some((now, answers));
        let since = seen.memory.found_since.unwrap_or(now);
        seen.memory.found_since = seen.all_found(&self.me).then_some(since);
    }

    async fn look_up_challenge(&self, seen: &mut Observed) {
        // All tenants' records stand at the same name.
        let look_up = self.look_up(seen, &challenge_record(&seen.domain, "")).await;
        seen.memory.challenge = Some((self.ports.clock.now(), look_up));
        seen.challenge_live = true;
    }

    /// Asks for the record and, where it is missing, for what usually explains that.
    async fn look_up(&self, seen: &Observed, wanted: &Wanted) -> LookUp {
        let dns = &self.ports.dns;
        let direct = dns.look_up(&wanted.name, wanted.record_type).await;
        self.metrics.look_up(if let Answer::Unknown(doubt) = &direct { Some(*doubt) } else { None });
        let absent = matches!(direct, Answer::NoName | Answer::NoRecord);
        let doubled = if absent {
            Some(dns.look_up(&doubled_name(wanted, &seen.domain), wanted.record_type).await)
        } else {
            None
        };
        let addresses =
            if direct == Answer::NoRecord { Some(dns.look_up(&wanted.name, RecordType::A).await) } else { None };
        LookUp { direct, doubled, addresses }
    }

    pub(super) async fn write(
        &self,
        seen: &mut Observed,
        write: &Write,
        turns: &Turns<'_>,
        notices: &mut Vec<Notice>,
    ) -> Result<(), Trouble> {
        match write {
            Write::Claim(claim, event) => {
                self.lead(turns.term, REQUEST_DEADLINE).await?;
                return self.write_claim(seen, claim, *event, notices).await;
            }
            Write::ForgetClaim => {
                self.lead(turns.term, REQUEST_DEADLINE).await?;
                return self.forget_claim(seen).await;
            }
            _ => {}
        }
        if self.write_to_ses(seen, write, turns).await? {
            notices.extend(identity_notice(seen, write));
        }
        Ok(())
    }

    async fn write_claim(
        &self,
        seen: &mut Observed,
        claim: &Claim,
        event: Option<EventReason>,
        notices: &mut Vec<Notice>,
    ) -> Result<(), Trouble> {
        let name = claim_name(&self.me.environment, &seen.domain);
        let before = seen.claim.as_ref().map(|stored| stored.claim.clone());
        let written = match &seen.claim {
            None => self.ports.store.create_claim(&name, claim).await,
            Some(old) => self.ports.store.swap_claim(&name, old, claim).await,
        };
        let stored = written.map_err(Trouble::Store)?;
        if before.as_ref().is_some_and(|before| before.identity.hand_over) && !claim.identity.hand_over {
            notices.extend(address_notice(seen, &name));
        }
        tracing::info!(domain = %seen.domain, state = claim.state.as_str(), "claim written");
        self.note_claim(&stored);
        seen.claim = Some(stored);
        seen.related = None;
        if let Some(reason) = event {
            notices.extend(claim_notices(seen, before.as_ref(), &name, reason));
        }
        Ok(())
    }

    /// Tells the index of our own write, so that its echo by the watch wakes nobody, and those whom it concerns hear of it at
    /// once.
    pub(in crate::controller) fn note_claim(&self, stored: &StoredClaim) {
        let mut index = self.index();
        let woken = index.note_write(stored);
        self.wake(&index, woken);
    }

    async fn forget_claim(&self, seen: &mut Observed) -> Result<(), Trouble> {
        if let Some(old) = &seen.claim {
            let name = claim_name(&self.me.environment, &seen.domain);
            self.ports.store.delete_claim(&name, old).await.map_err(Trouble::Store)?;
            tracing::info!(domain = %seen.domain, "free claim forgotten");
        }
        seen.claim = None;
        seen.related = None;
        Ok(())
    }
}
