//! What a pass tells people as events.

use jiff::Timestamp;

use super::{facts::Observed, releasing, step::Write};
use crate::{
    api::reasons::EventReason,
    cluster::store::{Notice, Regarding},
    controller::Controller,
    model::{
        claim::{APPROVE_RELEASE, State, claim_name},
        release::Verdict,
    },
};

impl Controller {
    /// Tells administrators that a deletion waits for them.
    pub(super) fn tell_held_back(&self, seen: &Observed, now: Timestamp, notices: &mut Vec<Notice>) {
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
        let regarding = Regarding::Claim { name, uid: stored.uid.clone() };
        notices.push(Notice { regarding, reason: EventReason::ReleaseHeldBack, warning: true, note });
    }
}

fn regarding_holder(seen: &Observed) -> Option<Regarding> {
    let holder = seen.claim.as_ref()?.claim.holder.clone()?;
    Some(Regarding::Domain { namespace: holder.namespace, name: holder.name, uid: holder.uid })
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
        _ => return None,
    };
    Some(Notice { regarding: regarding_holder(seen)?, reason, warning, note })
}

/// What a write to the claim is worth telling.
pub(super) fn claim_notice(seen: &Observed, name: &str, reason: EventReason) -> Option<Notice> {
    let stored = seen.claim.as_ref()?;
    let domain = &seen.domain;
    if reason == EventReason::Claimed {
        let note = format!("This resource holds {domain}.");
        return Some(Notice { regarding: regarding_holder(seen)?, reason, warning: false, note });
    }
    let note = match reason {
        EventReason::ReleaseStarted => {
            format!("Nobody asks for {domain} any more. Its SES identity stays until the release delay is over.")
        }
        EventReason::Released if stored.claim.identity.retained => {
            format!("{domain} is free; its SES identity was retained.")
        }
        _ => format!("{domain} is free."),
    };
    Some(Notice {
        regarding: Regarding::Claim { name: name.to_owned(), uid: stored.uid.clone() },
        reason,
        warning: false,
        note,
    })
}
