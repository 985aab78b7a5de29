//! The condition `Ready` of a claimant that holds the domain: its message names the first thing to do.

use crate::{
    api::{
        conditions::{Said, Truth},
        reasons::Reason,
    },
    controller::domain::{
        decide::assess::{Assessment, IdentityState},
        observe::observation::Claimant,
    },
};

/// Whether mail can be sent from the domain.
pub fn ready(assessed: &Assessment<'_>, claimant: &Claimant, identity: &Said, dkim: &Said) -> Said {
    let (seen, domain) = (assessed.seen, &assessed.seen.domain);
    if claimant.asker.suspended {
        return Said::no(
            Reason::Suspended,
            "This resource is suspended, so nothing is changed at SES. Set spec.suspend to false to continue.",
        );
    }
    if identity.reason == Reason::ForeignIdentity {
        return Said::no(identity.reason, identity.message.clone());
    }
    if let Some(plan) = &seen.progress.plan {
        return Said::no(Reason::DryRun, format!("Dry run: the operator {plan}."));
    }
    if seen.claim.as_ref().is_some_and(|stored| stored.claim.identity.hand_over) {
        return Said::no(
            Reason::HandOver,
            format!("The SES identity {domain} was in use before. Wait: foreign settings are removed from it first."),
        );
    }
    if seen.was_verified() && identity.holds() && assessed.may_send() {
        return match dkim.truth {
            Truth::True => Said::yes(Reason::Ready, format!("Mail can be sent from {domain}.")),
            _ => Said::yes(
                Reason::Ready,
                format!(
                    "Mail can still be sent from {domain}, but DkimReady is not True. {cause}",
                    cause = dkim.message
                ),
            ),
        };
    }
    let first = first_to_do(assessed, identity, dkim);
    Said::no(first.reason, first.message.clone())
}

/// The fault in DNS if it is known, else the state at SES. If the tenant has done its part, the error that blocks the
/// operator comes first.
fn first_to_do<'a>(assessed: &Assessment<'_>, identity: &'a Said, dkim: &'a Said) -> &'a Said {
    let exists = !matches!(assessed.identity, IdentityState::Absent);
    let waits = dkim.holds() || matches!(dkim.reason, Reason::Pending | Reason::NotChecked | Reason::RecordsUnknown);
    let stuck = waits && assessed.lasting_trouble().is_some();
    if !stuck && (identity.holds() || (exists && dkim.truth == Truth::False)) { dkim } else { identity }
}
