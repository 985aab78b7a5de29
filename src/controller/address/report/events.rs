//! Events about an address and its claim. No tenant is named.

use crate::{
    api::{SenderAddress, SenderAddressStatus, conditions::is_true, reasons::EventReason},
    cluster::{
        kinds::Kind,
        store::{PendingEvent, Regarding},
    },
    controller::{address::observe::observation::Observation, report::not_handled},
    model::{
        admin_annotations::{APPROVE_ADDRESS, ActionKind},
        claim::{Claim, Holder, State, StoredClaim},
    },
};

fn to_holder(holder: &Holder, reason: EventReason, warning: bool, note: String) -> PendingEvent {
    PendingEvent { regarding: Regarding::holder(Kind::Address, holder), reason, warning, note }
}

fn to_claim(name: &str, uid: &str, reason: EventReason, warning: bool, note: String) -> PendingEvent {
    PendingEvent { regarding: Regarding::claim(name, uid), reason, warning, note }
}

/// SES accepted a mail.
pub fn owner_asked(observation: &Observation) -> Option<PendingEvent> {
    let holder = observation.claim.as_ref()?.claim.holder.as_ref()?;
    let address = &observation.address;
    let note = format!("An email was sent to the owner of {address}. Its link works for 24 hours.");
    Some(to_holder(holder, EventReason::OwnerAsked, false, note))
}

/// The events for a change of the claim.
pub fn of_write(
    observation: &Observation,
    before: Option<&Claim>,
    stored: &StoredClaim,
    name: &str,
) -> Vec<PendingEvent> {
    let (after, address) = (&stored.claim, &observation.address);
    let claim = |reason, warning, note| to_claim(name, &stored.uid, reason, warning, note);
    let mut events = Vec::new();
    if before.is_some_and(|before| before.admin_actions.last() != after.admin_actions.last()) {
        let action = after
            .admin_actions
            .last()
            .map(|admin_action| format!("{:?}", admin_action.requested.action))
            .unwrap_or_default();
        let note = format!(
            "The admin action {action} on {address} was handled. spec.adminActions shows the owner before and after."
        );
        events.push(claim(EventReason::AdminActionTaken, true, note));
    }
    match (before.map(|before| before.state), after.state) {
        (Some(State::Held), State::Releasing) => events.push(claim(
            EventReason::ReleaseStarted,
            false,
            format!("No resource claims {address} anymore. Its confirmation is kept until the release delay ends."),
        )),
        (Some(State::Held | State::Releasing), State::Released) => {
            let holder = before.filter(|before| before.state == State::Held).and_then(|before| before.holder.as_ref());
            let void = |holder| {
                let reason = EventReason::RequestVoid;
                let note = format!(
                    "The request for {address} is void, because its domain was released or revoked, or has a new owner. The condition DomainReady shows what to do."
                );
                to_holder(holder, reason, true, note)
            };
            events.extend(holder.map(void));
            events.push(claim(EventReason::Released, false, format!("{address} is released.")));
        }
        _ => {}
    }
    events
}

/// An annotation on the claim is not handled, or not allowed in this environment.
pub fn admin_action_refused(observation: &Observation, name: &str, approval: bool) -> Option<PendingEvent> {
    let stored = observation.claim.as_ref()?;
    let forbidden = stored.requested_actions.get(ActionKind::ApproveAddress).filter(|_| !approval).map(|_| {
        format!("{APPROVE_ADDRESS} is not allowed in this environment. Set --allow-approval, or remove the annotation.")
    });
    let note = forbidden.or_else(|| not_handled(stored, &observation.address.to_string()))?;
    Some(to_claim(name, &stored.uid, EventReason::AdminActionRefused, true, note))
}

/// The events for a new status.
pub fn of_status(object: &SenderAddress, status: &SenderAddressStatus, planned: bool) -> Vec<PendingEvent> {
    let before = object.status.as_ref();
    let of = |status: &SenderAddressStatus, type_: &str| {
        status.conditions.iter().find(|condition| condition.type_ == type_).cloned()
    };
    let was = |type_: &str| before.is_some_and(|status| is_true(&status.conditions, type_));
    let tell = |reason, warning, note| PendingEvent { regarding: Regarding::object(object), reason, warning, note };
    let mut events = Vec::new();
    if let Some(confirmed) = of(status, "Confirmed")
        && before.and_then(|status| of(status, "Confirmed")).is_none_or(|old| old.reason != confirmed.reason)
    {
        let event = match confirmed.reason.as_str() {
            "Confirmed" | "Approved" => Some((EventReason::AddressConfirmed, false)),
            "Declined" => Some((EventReason::AddressDeclined, true)),
            "Withdrawn" => Some((EventReason::AddressWithdrawn, true)),
            _ => None,
        };
        events.extend(event.map(|(reason, warning)| tell(reason, warning, confirmed.message)));
    }
    let Some(ready) = of(status, "Ready") else { return events };
    let event = match (planned, was("Ready"), ready.status == "True") {
        (true, ..) => Some((EventReason::Planned, false)),
        (false, false, true) => Some((EventReason::BecameReady, false)),
        (false, true, false) => Some((EventReason::BecameUnready, true)),
        _ => None,
    };
    events.extend(event.map(|(reason, warning)| tell(reason, warning, ready.message)));
    events
}
