//! What a pass tells people as events.

use jiff::Timestamp;

use super::{facts::Observed, releasing, step::Write};
use crate::{
    api::reasons::EventReason,
    cluster::{
        kinds::Kind,
        store::{Notice, Regarding},
    },
    controller::Controller,
    model::{
        claim::{Claim, Holder, State, claim_name},
        orders::APPROVE_RELEASE,
        release::Verdict,
    },
};

impl Controller {
    /// Tells administrators that a deletion waits for them.
    pub(super) fn tell_held_back(&self, seen: &mut Observed, now: Timestamp, notices: &mut Vec<Notice>) {
        seen.memory.held_back = false;
        let Some(stored) = seen.claim.as_ref().filter(|stored| stored.claim.state == State::Releasing) else { return };
        let why = match releasing::verdict(&self.me, seen, stored, now) {
            Verdict::NamespaceRemade(_) => "its namespace was made again, as after a restore",
            Verdict::MassRelease(_) => "unusually many domains were let go within one hour",
            Verdict::Go | Verdict::Delay(_) => return,
        };
        let note = format!(
            "The SES identity {} is not deleted yet: {why}. Annotate this claim with {}=yes to delete it now; without \
             that it is deleted 24 hours after it was let go.",
            seen.domain, APPROVE_RELEASE
        );
        let name = claim_name(&self.me.environment, &seen.domain);
        let regarding = Regarding::claim(&name, &stored.uid);
        notices.push(Notice { regarding, reason: EventReason::ReleaseHeldBack, warning: true, note });
        seen.memory.held_back = true;
    }
}

/// SES has identities of single addresses under a domain that changed hands. Their owners confirmed them to SES itself, so
/// they are not removed; but they can be used without the domain.
pub(super) fn address_notice(seen: &Observed, name: &str) -> Option<Notice> {
    let stored = seen.claim.as_ref()?;
    let addresses = seen.addresses.as_ref().filter(|addresses| !addresses.is_empty())?;
    let note = format!(
        "{} changed hands, and SES has {} identities of addresses under it, such as {}. Who may use them, can: delete those that are not wanted.",
        seen.domain,
        addresses.len(),
        addresses[0].escape_default().take(80).collect::<String>()
    );
    let regarding = Regarding::claim(name, &stored.uid);
    Some(Notice { regarding, reason: EventReason::AddressIdentities, warning: true, note })
}

/// An annotation on the claim can't be understood.
pub(in crate::controller) fn order_notice(seen: &Observed, name: &str) -> Option<Notice> {
    let stored = seen.claim.as_ref()?;
    let note = stored.orders.problem.clone()?;
    let regarding = Regarding::claim(name, &stored.uid);
    Some(Notice { regarding, reason: EventReason::OrderRefused, warning: true, note })
}

fn regarding_holder(seen: &Observed) -> Option<Regarding> {
    seen.claim.as_ref()?.claim.holder.as_ref().map(regarding)
}

fn regarding(holder: &Holder) -> Regarding {
    Regarding::holder(Kind::Domain, holder)
}

/// What a write to SES is worth telling.
pub(super) fn identity_notice(seen: &Observed, write: &Write) -> Option<Notice> {
    let domain = &seen.domain;
    let (reason, warning, note) = match write {
        Write::CreateIdentity(false) => (
            EventReason::IdentityCreated,
            false,
            format!("The SES identity {domain} was created. Publish the records in status.dnsRecords."),
        ),
        Write::CreateIdentity(true) => (
            EventReason::IdentityRecreated,
            true,
            format!(
                "The SES identity {domain} was gone and was created again. Compare status.dnsRecords with your DNS."
            ),
        ),
        Write::StartEasyDkim(true) => (
            EventReason::VerificationRestarted,
            false,
            format!("SES had given up looking for the DKIM records of {domain} and was started again."),
        ),
        Write::StartEasyDkim(false) | Write::EnableSigning => {
            (EventReason::SigningRestored, true, format!("DKIM of {domain} had been changed at SES and was put right."))
        }
        Write::Adopt => (
            EventReason::Adopted,
            true,
            format!("The SES identity {domain}, which somebody else had made, was taken in. It is never deleted."),
        ),
        Write::Strip(_) => (
            EventReason::HandedOver,
            true,
            format!(
                "What others had set up on the SES identity {domain} was removed: policies, MAIL FROM, configuration set, SES tenants."
            ),
        ),
        _ => return None,
    };
    Some(Notice { regarding: regarding_holder(seen)?, reason, warning, note })
}

/// What a write to the claim is worth telling, and to whom. No tenant is named: each reads of itself, and administrators
/// read the claim.
pub(super) fn claim_notices(seen: &Observed, before: Option<&Claim>, name: &str, reason: EventReason) -> Vec<Notice> {
    let Some(stored) = &seen.claim else { return Vec::new() };
    let domain = &seen.domain;
    let to_claim = |warning, note| {
        let regarding = Regarding::claim(name, &stored.uid);
        vec![Notice { regarding, reason, warning, note }]
    };
    let to_holder = |warning, note| {
        let notice = regarding_holder(seen).map(|regarding| Notice { regarding, reason, warning, note });
        notice.into_iter().collect::<Vec<_>>()
    };
    match reason {
        EventReason::Claimed => to_holder(false, format!("This resource holds {domain}.")),
        EventReason::ProofLost => to_holder(
            true,
            format!(
                "The record that proves {domain} is gone from DNS. Publish it again: after the grace, another tenant that proves the domain gets it."
            ),
        ),
        EventReason::ProofSeen => to_holder(false, format!("The record that proves {domain} is back in DNS.")),
        EventReason::Displaced => {
            let loser = before.and_then(|claim| claim.holder.clone()).map(|holder| Notice {
                regarding: regarding(&holder),
                reason,
                warning: true,
                note: format!(
                    "{domain} belongs to another tenant now: the proof of this one was gone for longer than the grace."
                ),
            });
            let winner = to_holder(false, format!("This resource holds {domain} now."));
            loser.into_iter().chain(winner).collect()
        }
        EventReason::Ruled => {
            let verb = stored.claim.rulings.last().map(|ruling| format!("{:?}", ruling.order.verb)).unwrap_or_default();
            to_claim(
                true,
                format!(
                    "{domain}: an order of an administrator was carried out ({verb}). spec.rulings says who held it before and after."
                ),
            )
        }
        EventReason::ReleaseStarted if stored.claim.tenant.is_none() => to_claim(
            false,
            format!(
                "{domain} was not proven, or is no longer asked for. Its SES identity stays until the release delay is over."
            ),
        ),
        EventReason::ReleaseStarted => to_claim(
            false,
            format!("Nobody asks for {domain} any more. Its SES identity stays until the release delay is over."),
        ),
        EventReason::Released if stored.claim.identity.retained => {
            to_claim(false, format!("{domain} is free; its SES identity was retained."))
        }
        _ => to_claim(false, format!("{domain} is free.")),
    }
}
