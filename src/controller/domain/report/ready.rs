//! The condition `Ready` of a claimant that holds the domain: its message names the first thing to do.

use crate::{
    api::{
        conditions::{ConditionStatus, ConditionValue},
        reasons::Reason,
    },
    controller::domain::{
        decide::assess::{Assessment, IdentityState},
        observe::observation::DomainResource,
    },
};

/// Whether mail can be sent from the domain.
pub fn ready(
    assessed: &Assessment<'_>,
    resource: &DomainResource,
    identity: &ConditionValue,
    dkim: &ConditionValue,
) -> ConditionValue {
    let (observation, domain) = (assessed.observation, &assessed.observation.domain);
    if resource.claimant.suspended {
        return ConditionValue::no(
            Reason::Suspended,
            "This resource is suspended, so the operator changes nothing in SES. Set spec.suspend to false to continue.",
        );
    }
    if identity.reason == Reason::ForeignIdentity {
        return ConditionValue::no(identity.reason, identity.message.clone());
    }
    if let Some(plan) = &observation.progress.plan {
        return ConditionValue::no(Reason::DryRun, format!("Dry run: the operator {plan}."));
    }
    if observation.claim.as_ref().is_some_and(|stored| stored.claim.identity.takeover_pending) {
        return ConditionValue::no(
            Reason::TakeoverPending,
            format!(
                "The SES identity {domain} was in use before. Wait. The operator first removes its existing settings."
            ),
        );
    }
    if observation.was_verified() && identity.holds() && assessed.may_send() {
        return match dkim.status {
            ConditionStatus::True => ConditionValue::yes(Reason::Ready, format!("Mail can be sent from {domain}.")),
            _ => ConditionValue::yes(
                Reason::Ready,
                format!(
                    "Mail can still be sent from {domain}, but DkimReady is not True. {cause}",
                    cause = dkim.message
                ),
            ),
        };
    }
    let first = first_to_do(assessed, identity, dkim);
    ConditionValue::no(first.reason, first.message.clone())
}

/// The fault in DNS if it is known, else the state at SES. If the tenant has done its part, the error that blocks the
/// operator comes first.
fn first_to_do<'a>(
    assessed: &Assessment<'_>,
    identity: &'a ConditionValue,
    dkim: &'a ConditionValue,
) -> &'a ConditionValue {
    let exists = !matches!(assessed.identity, IdentityState::Absent);
    let waits = dkim.holds() || matches!(dkim.reason, Reason::Pending | Reason::NotChecked | Reason::RecordsUnknown);
    let stuck = waits && assessed.lasting_ses_error().is_some();
    if !stuck && (identity.holds() || (exists && dkim.status == ConditionStatus::False)) { dkim } else { identity }
}
