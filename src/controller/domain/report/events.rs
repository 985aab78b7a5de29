//! Events about a domain and its claim. No tenant is named.

use crate::{
    api::{SenderDomain, SenderDomainStatus, conditions::is_true, reasons::EventReason},
    cluster::{
        kinds::Kind,
        store::{PendingEvent, Regarding},
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
        report::not_handled,
    },
    model::{
        admin_annotations::APPROVE_RELEASE,
        claim::{Claim, Holder, State},
        deletion_guard::Verdict,
    },
};

/// A deletion waits for an administrator.
pub fn held_back(assessed: &Assessment<'_>, name: &str) -> Option<PendingEvent> {
    let observation = assessed.observation;
    let stored = observation.claim.as_ref().filter(|stored| stored.claim.state == State::Releasing)?;
    let cause = match releasing::verdict(assessed, stored) {
        Verdict::NamespaceRemade(_) => "its namespace was recreated, for example by a restore",
        Verdict::MassRelease(_) => "an unusually large number of domains were released within one hour",
        Verdict::Go | Verdict::Delay(_) => return None,
    };
    let domain = &observation.domain;
    let note = format!(
        "The SES identity {domain} has not been deleted yet: {cause}. Annotate this claim with {APPROVE_RELEASE}=yes to delete it now. Otherwise it is deleted 24 hours after the release."
    );
    let regarding = Regarding::claim(name, &stored.uid);
    Some(PendingEvent { regarding, reason: EventReason::ReleaseHeldBack, warning: true, note })
}

/// SES blocks a release, and no resource is left whose status could show it. Repeated after every twelve failures,
/// about once an hour: the API server keeps events for that long.
pub fn stuck_release(observation: &Observation, name: &str) -> Option<PendingEvent> {
    let stored = observation.claim.as_ref().filter(|stored| stored.claim.state == State::Releasing)?;
    let Some(ReconcileError::Ses(error)) = &observation.progress.error else { return None };
    let since = observation.progress.attempts.failures.checked_sub(LASTING)?;
    let domain = &observation.domain;
    let note = format!("The SES identity {domain} has not been released yet: {error}. The operator retries.");
    let regarding = Regarding::claim(name, &stored.uid);
    let reason = EventReason::ReleaseHeldBack;
    since.is_multiple_of(12).then_some(PendingEvent { regarding, reason, warning: true, note })
}

/// SES has identities of single addresses under a domain that changed its owner. Their owners confirmed them at SES, so
/// they are not removed; but they allow sending without the domain.
pub fn address_identities_event(observation: &Observation, name: &str) -> Option<PendingEvent> {
    let stored = observation.claim.as_ref()?;
    let addresses = observation.live.addresses.as_ref().filter(|addresses| !addresses.is_empty())?;
    let note = format!(
        "{domain} has a new owner. SES still has email address identities in this domain, such as {address}, which allow sending. Delete the unwanted ones in SES.",
        domain = observation.domain,
        address = addresses.iter().min().map_or_else(String::new, |least| least.escape_default().take(80).collect())
    );
    let regarding = Regarding::claim(name, &stored.uid);
    Some(PendingEvent { regarding, reason: EventReason::AddressIdentities, warning: true, note })
}

/// An annotation on the claim is not handled.
pub fn admin_action_event(observation: &Observation, name: &str) -> Option<PendingEvent> {
    let stored = observation.claim.as_ref()?;
    let note = not_handled(stored, observation.domain.as_str())?;
    let regarding = Regarding::claim(name, &stored.uid);
    Some(PendingEvent { regarding, reason: EventReason::AdminActionRefused, warning: true, note })
}

fn regarding_holder(observation: &Observation) -> Option<Regarding> {
    observation.claim.as_ref()?.claim.holder.as_ref().map(regarding)
}

fn regarding(holder: &Holder) -> Regarding {
    Regarding::holder(Kind::Domain, holder)
}

/// The event for a write to SES.
pub fn identity_event(observation: &Observation, write: &Write) -> Option<PendingEvent> {
    let domain = &observation.domain;
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
                "The SES identity {domain} was missing and was recreated. Compare status.dnsRecords with your DNS."
            ),
        ),
        Write::StartEasyDkim(true) => (
            EventReason::VerificationRestarted,
            false,
            format!(
                "SES had stopped looking for the DKIM records of {domain}. The operator restarted the verification."
            ),
        ),
        Write::StartEasyDkim(false) | Write::EnableSigning => (
            EventReason::SigningRestored,
            true,
            format!(
                "The DKIM settings of {domain} were changed in SES, and the operator restored them. Find out what changed them."
            ),
        ),
        Write::Adopt => (
            EventReason::Adopted,
            true,
            format!(
                "The operator adopted the SES identity {domain}, which it did not create. The operator never deletes it."
            ),
        ),
        Write::RemoveForeignSettings(_) => (
            EventReason::ForeignSettingsRemoved,
            true,
            format!(
                "The operator removed existing settings from the SES identity {domain}: policies, MAIL FROM, configuration set, SES tenants."
            ),
        ),
        _ => return None,
    };
    Some(PendingEvent { regarding: regarding_holder(observation)?, reason, warning, note })
}

/// The events for a write to the claim. No tenant is named: each tenant reads about itself, and administrators read the
/// claim.
pub fn claim_events(
    observation: &Observation,
    before: Option<&Claim>,
    name: &str,
    reason: EventReason,
) -> Vec<PendingEvent> {
    let Some(stored) = &observation.claim else { return Vec::new() };
    let domain = &observation.domain;
    let to_claim = |warning, note| {
        let regarding = Regarding::claim(name, &stored.uid);
        vec![PendingEvent { regarding, reason, warning, note }]
    };
    let to_holder = |warning, note| {
        let event = regarding_holder(observation).map(|regarding| PendingEvent { regarding, reason, warning, note });
        event.into_iter().collect::<Vec<_>>()
    };
    match reason {
        EventReason::Claimed => to_holder(false, format!("This resource holds {domain}.")),
        EventReason::ProofLost => to_holder(
            true,
            format!(
                "The proof for {domain} is lost: its TXT record or its delegation is gone. Restore it. After the grace period, another tenant that proves control of the domain gets it."
            ),
        ),
        EventReason::ProofSeen => to_holder(false, format!("The proof for {domain} is restored.")),
        EventReason::Displaced => {
            let loser = before.and_then(|claim| claim.holder.as_ref()).map(|holder| PendingEvent {
                regarding: regarding(holder),
                reason,
                warning: true,
                note: format!(
                    "Another tenant now owns {domain}, because this tenant's proof was missing for longer than the grace period. The condition Owned shows how to regain the domain."
                ),
            });
            let winner = to_holder(false, format!("This resource now holds {domain}."));
            loser.into_iter().chain(winner).collect()
        }
        EventReason::AdminActionTaken => {
            let action = stored
                .claim
                .admin_actions
                .last()
                .map(|admin_action| format!("{:?}", admin_action.requested.action))
                .unwrap_or_default();
            to_claim(
                true,
                format!(
                    "The admin action {action} on {domain} was handled. spec.adminActions shows the owner before and after."
                ),
            )
        }
        EventReason::ReleaseStarted if stored.claim.tenant.is_none() => to_claim(
            false,
            format!(
                "{domain} was not proven, or no resource claims it anymore. Its SES identity is kept until the release delay ends."
            ),
        ),
        EventReason::ReleaseStarted => to_claim(
            false,
            format!("No resource claims {domain} anymore. Its SES identity is kept until the release delay ends."),
        ),
        EventReason::Released if stored.claim.identity.retained => {
            to_claim(false, format!("{domain} is released. Its SES identity was retained."))
        }
        _ => to_claim(false, format!("{domain} is released.")),
    }
}

/// The event for a new status.
pub fn of_status(object: &SenderDomain, status: &SenderDomainStatus, planned: bool) -> Vec<PendingEvent> {
    let before = object.status.as_ref().is_some_and(|status| is_true(&status.conditions, "Ready"));
    let Some(ready) = status.conditions.iter().find(|condition| condition.type_ == "Ready") else { return Vec::new() };
    let (reason, warning) = match (planned, before, ready.status == "True") {
        (true, ..) => (EventReason::Planned, false),
        (false, false, true) => (EventReason::BecameReady, false),
        (false, true, false) => (EventReason::BecameUnready, true),
        _ => return Vec::new(),
    };
    vec![PendingEvent { regarding: Regarding::object(object), reason, warning, note: ready.message.clone() }]
}
