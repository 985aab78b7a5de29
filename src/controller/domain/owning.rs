//! The condition `Owned`.

use super::facts::{Candidate, Observed};
use crate::{
    api::{conditions::Said, reasons::Reason},
    model::{
        claim::State,
        ownership::{Block, block_for},
    },
};

/// Whether the candidate holds its domain.
pub(super) fn owned(seen: &Observed, candidate: &Candidate) -> Said {
    let asker = &candidate.asker;
    let domain = &seen.domain;
    let claim = seen.claim.as_ref().map(|stored| &stored.claim);
    let same_tenant = claim.is_some_and(|claim| claim.tenant.as_ref() == Some(&asker.tenant));
    match claim.map(|claim| claim.state) {
        Some(State::Held) if same_tenant => {
            let holder = claim.and_then(|claim| claim.holder.as_ref());
            if holder.is_some_and(|holder| holder.uid == asker.object.uid) {
                Said::yes(Reason::Held, format!("This resource holds {domain}."))
            } else {
                Said::no(
                    Reason::Duplicate,
                    format!(
                        "Another SenderDomain of the same tenant holds {domain}; this one takes over when that one is deleted. Delete one of them."
                    ),
                )
            }
        }
        Some(State::Held) => anothers(seen),
        Some(State::Releasing) if same_tenant && !asker.suspended => Said::no(
            Reason::Releasing,
            format!("The earlier SES identity of {domain} is being deleted; it is claimed anew when SES has let go."),
        ),
        _ if asker.suspended => Said::no(
            Reason::Suspended,
            "Suspended before it had a claim. Set spec.suspend to false to claim the domain.",
        ),
        Some(State::Releasing) => anothers_ending(seen),
        Some(State::Provisional | State::Released) | None => asking(seen, candidate),
    }
}

/// Nobody holds the domain yet.
fn asking(seen: &Observed, candidate: &Candidate) -> Said {
    let domain = &seen.domain;
    match block_for(&candidate.asker.tenant, domain, seen.related.as_deref().unwrap_or_default()) {
        Some(Block::PublicSuffix) => Said::no(
            Reason::PublicSuffix,
            format!(
                "{domain} is a public suffix: anybody can register names below it, so nobody can own its mail. Use a domain that is registered to you."
            ),
        ),
        Some(Block::AnotherTenant) => anothers(seen),
        Some(Block::AnotherTenantReleasing) => anothers_ending(seen),
        None => Said::no(Reason::Claiming, format!("{domain} is being claimed.")),
    }
}

fn anothers(seen: &Observed) -> Said {
    Said::no(
        Reason::OwnedByAnotherTenant,
        format!(
            "{}, or a domain above or below it, is owned by another tenant. It can be claimed once that tenant lets go; your administrator can see who it is.",
            seen.domain
        ),
    )
}

fn anothers_ending(seen: &Observed) -> Said {
    Said::no(
        Reason::AnotherTenantReleasing,
        format!(
            "Another tenant's claim on {}, or on a domain above or below it, is ending. It is claimed for this resource after that.",
            seen.domain
        ),
    )
}
