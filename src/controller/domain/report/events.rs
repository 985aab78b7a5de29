//! Events about a domain and its claim. No tenant is named.

use crate::{
    api::{SenderDomain, SenderDomainStatus, conditions::is_true, reasons::EventReason},
    cluster::{
        kinds::Kind,
        store::{Notice, Regarding},
    },
    controller::{
        context::ReconcileError,
        domain::{
            decide::{
                assess::{Assessment, LASTING},
                releasing,
                step::Write,
            },
            observe::observation::Observation,
        },
        report::not_carried_out,
    },
    model::{
        claim::{Claim, Holder, State},
        orders::APPROVE_RELEASE,
        release::Verdict,
    },
};

/// A deletion waits for an administrator.
pub fn held_back(assessed: &Assessment<'_>, name: &str) -> Option<Notice> {
    let seen = assessed.seen;
    let stored = seen.claim.as_ref().filter(|stored| stored.claim.state == State::Releasing)?;
    let why = match releasing::verdict(assessed, stored) {
        Verdict::NamespaceRemade(_) => "its namespace was made again, as after a restore",
        Verdict::MassRelease(_) => "unusually many domains were let go within one hour",
        Verdict::Go | Verdict::Delay(_) => return None,
    };
    let note = format!(
        "The SES identity {} is not deleted yet: {why}. Annotate this claim with {}=yes to delete it now; without \
         that it is deleted 24 hours after it was let go.",
        seen.domain, APPROVE_RELEASE
    );
    let regarding = Regarding::claim(name, &stored.uid);
    Some(Notice { regarding, reason: EventReason::ReleaseHeldBack, warning: true, note })
}

/// SES keeps a release from going on: no resource is left whose status could say so. Again after each dozen failures, about
/// once an hour: that is how long the API server keeps events.
pub fn stuck_release(seen: &Observation, name: &str) -> Option<Notice> {
    let stored = seen.claim.as_ref().filter(|stored| stored.claim.state == State::Releasing)?;
    let Some(ReconcileError::Ses(error)) = &seen.progress.error else { return None };
    let since = seen.progress.attempts.failures.checked_sub(LASTING)?;
    let note = format!("The SES identity {} is not released yet: {error}. The operator keeps trying.", seen.domain);
    let regarding = Regarding::claim(name, &stored.uid);
    let reason = EventReason::ReleaseHeldBack;
    since.is_multiple_of(12).then_some(Notice { regarding, reason, warning: true, note })
}

/// SES has identities of single addresses under a domain that changed hands. Their owners confirmed them to SES itself, so
/// they are not removed; but they can be used without the domain.
pub fn address_notice(seen: &Observation, name: &str) -> Option<Notice> {
    let stored = seen.claim.as_ref()?;
    let addresses = seen.live.addresses.as_ref().filter(|addresses| !addresses.is_empty())?;
    let note = format!(
        "{} changed hands, and SES has {} identities of addresses under it, such as {}. Who may use them, can: delete those that are not wanted.",
        seen.domain,
        addresses.len(),
        addresses[0].escape_default().take(80).collect::<String>()
    );
    let regarding = Regarding::claim(name, &stored.uid);
    Some(Notice { regarding, reason: EventReason::AddressIdentities, warning: true, note })
}

/// An annotation on the claim is not carried out.
pub fn order_notice(seen: &Observation, name: &str) -> Option<Notice> {
    let stored = seen.claim.as_ref()?;
    let note = not_carried_out(stored, seen.domain.as_str())?;
    let regarding = Regarding::claim(name, &stored.uid);
    Some(Notice { regarding, reason: EventReason::OrderRefused, warning: true, note })
}

fn regarding_holder(seen: &Observation) -> Option<Regarding> {
    seen.claim.as_ref()?.claim.holder.as_ref().map(regarding)
}

fn regarding(holder: &Holder) -> Regarding {
    Regarding::holder(Kind::Domain, holder)
}

/// What a write to SES is worth telling.
pub fn identity_notice(seen: &Observation, write: &Write) -> Option<Notice> {
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
pub fn claim_notices(seen: &Observation, before: Option<&Claim>, name: &str, reason: EventReason) -> Vec<Notice> {
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
            let loser = before.and_then(|claim| claim.holder.as_ref()).map(|holder| Notice {
                regarding: regarding(holder),
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

/// What a new status is worth telling as an event.
pub fn of_status(object: &SenderDomain, status: &SenderDomainStatus, planned: bool) -> Vec<Notice> {
    let before = object.status.as_ref().is_some_and(|status| is_true(&status.conditions, "Ready"));
    let Some(ready) = status.conditions.iter().find(|condition| condition.type_ == "Ready") else { return Vec::new() };
    let (reason, warning) = match (planned, before, ready.status == "True") {
        (true, ..) => (EventReason::Planned, false),
        (false, false, true) => (EventReason::BecameReady, false),
        (false, true, false) => (EventReason::BecameUnready, true),
        _ => return Vec::new(),
    };
    vec![Notice { regarding: Regarding::object(object), reason, warning, note: ready.message.clone() }]
}
