//! What each object is told: conditions, records and SES's own words, from what a pass has seen. Pure.
//!
//! | situation | Ready | extra |
//! | --- | --- | --- |
//! | waiting for DNS or SES; drift under repair; another tenant's claim is ending; AWS down, never Ready | False | Reconciling |
//! | another tenant's, duplicate, public suffix, foreign identity | False | Stalled |
//! | suspended; dry run with a plan | False | |
//! | record gone while SES still sends; AWS or DNS down, was Ready | True | |

use jiff::Timestamp;

use super::{
    facts::{Candidate, Installation, Observed, Sight},
    owning::owned,
    signing,
};
use crate::{
    api::{
        SenderDomainStatus,
        conditions::{Said, Truth, build},
        domain::{DnsRecord, IdentityStatus, Purpose, SoaSeen},
        reasons::Reason,
    },
    model::{
        claim::State,
        records::{Judgement, Requirement, Wanted},
        suffix::is_public_suffix,
    },
    ses::{Identity, SesError, Status},
};

/// From so many failed passes in a row on, it is said that what SES said last can't be refreshed. A blip is not worth a
/// write.
pub(in crate::controller) const WORTH_MENTIONING: u32 = 3;

/// The status of one candidate.
pub fn status(me: &Installation, seen: &Observed, candidate: &Candidate, now: Timestamp) -> SenderDomainStatus {
    let previous = candidate.object.status.clone().unwrap_or_default();
    let generation = candidate.object.metadata.generation.unwrap_or_default();
    let owned = owned(me, seen, candidate);
    let said = if owned.holds() { held(me, seen, candidate, owned, now) } else { not_held(seen, owned) };
    let mut status = SenderDomainStatus {
        observed_generation: generation,
        conditions: build(&said, &previous.conditions, generation, now),
        ..SenderDomainStatus::default()
    };
    let holds = said.first().is_some_and(|(_, owned)| owned.holds());
    status.dns_records = challenge(me, seen, candidate, holds).into_iter().collect();
    // While nobody has proven the domain, everybody who asks is told all its records.
    let open = seen.claim.as_ref().is_some_and(|stored| stored.claim.state == State::Provisional);
    if holds || (open && status.dns_records.len() == 1) {
        match (seen.identity(), &seen.memory.identity) {
            (Some(identity), _) if seen.is_ours(me, identity) => {
                status.identity = holds.then(|| identity_status(me, seen, identity));
                status
                    .dns_records
                    .extend(seen.judged(me).into_iter().map(|judged| record(judged, Requirement::Required)));
            }
            // Not asked yet, after a restart perhaps: what was said before stays until it is known better.
            (None, Sight::Unseen | Sight::Unsure) => {
                status.identity = previous.identity.filter(|_| holds);
                let kept = previous.dns_records.into_iter().filter(|record| record.purpose != Purpose::Ownership);
                status.dns_records.extend(kept);
            }
            _ => {}
        }
    }
    status
}

/// The record that proves the domain: of the holder, of who can still get it, and of who would get it if the holder lost it.
fn challenge(me: &Installation, seen: &Observed, candidate: &Candidate, holds: bool) -> Option<DnsRecord> {
    let tenant = &candidate.asker.tenant;
    let claim = seen.claim.as_ref().map(|stored| &stored.claim);
    let anothers = claim.is_some_and(|claim| claim.state == State::Held && claim.tenant.as_ref() != Some(tenant));
    let requirement = if anothers && !holds { Requirement::Advised } else { Requirement::Required };
    if is_public_suffix(&seen.domain) {
        return None;
    }
    seen.judged_challenge(me, tenant).map(|judged| record(judged, requirement))
}

fn record((wanted, judgement): (Wanted, Judgement), requirement: Requirement) -> DnsRecord {
    DnsRecord {
        purpose: wanted.purpose,
        record_type: wanted.record_type,
        name: wanted.name,
        value: wanted.value,
        requirement,
        state: judgement.state,
        observed: judgement.observed,
        finding: judgement.finding,
    }
}

type Statements = Vec<(&'static str, Said)>;

fn not_held(seen: &Observed, owned: Said) -> Statements {
    let stalled = matches!(
        owned.reason,
        Reason::OwnedByAnotherTenant
            | Reason::Displaced
            | Reason::Duplicate
            | Reason::PublicSuffix
            | Reason::NotDelegated
            | Reason::ForceReleased
            | Reason::EnvironmentChanged
    );
    let nothing =
        |what: &str| Said::unknown(Reason::NotOwned, format!("{what} is looked at once the domain is owned."));
    let mut ready = Said::no(owned.reason, owned.message.clone());
    if let Some(plan) = seen.plan.as_ref().filter(|_| !stalled) {
        ready = Said::no(Reason::DryRun, format!("Dry run: {plan}."));
    }
    let quiet = stalled || matches!(ready.reason, Reason::Suspended | Reason::DryRun);
    let mut said = vec![
        ("Owned", owned),
        ("IdentityVerified", nothing("The SES identity")),
        ("DkimReady", nothing("DKIM")),
        ("Ready", ready.clone()),
    ];
    if stalled {
        said.push(("Stalled", Said::yes(ready.reason, ready.message)));
    } else if !quiet {
        said.push(("Reconciling", Said::yes(ready.reason, ready.message)));
    }
    said
}

fn held(me: &Installation, seen: &Observed, candidate: &Candidate, owned: Said, now: Timestamp) -> Statements {
    let identity = identity_verified(me, seen, now);
    let dkim = signing::dkim_ready(me, seen);
    let ready = ready(me, seen, candidate, &identity, &dkim);
    let mut said =
        vec![("Owned", owned), ("IdentityVerified", identity), ("DkimReady", dkim), ("Ready", ready.clone())];
    match ready.reason {
        _ if ready.truth == Truth::True => {}
        Reason::Suspended | Reason::DryRun => {}
        Reason::ForeignIdentity => said.push(("Stalled", Said::yes(ready.reason, ready.message))),
        _ => said.push(("Reconciling", Said::yes(ready.reason, ready.message))),
    }
    said
}

/// The same once it lasts.
fn lasting_trouble(seen: &Observed) -> Option<Said> {
    ses_trouble(seen).filter(|_| seen.memory.failures >= WORTH_MENTIONING)
}

/// What is wrong with SES since the last pass that got through.
fn ses_trouble(seen: &Observed) -> Option<Said> {
    let error = seen.memory.ses_error.as_ref()?;
    let reason = match error {
        SesError::Denied { .. } => Reason::AccessDenied,
        SesError::LimitExceeded { .. } => Reason::LimitExceeded,
        _ => Reason::SesUnavailable,
    };
    Some(Said::unknown(reason, format!("{}. The operator keeps trying.", capital(&error.to_string()))))
}

fn identity_verified(me: &Installation, seen: &Observed, now: Timestamp) -> Said {
    if let Some(trouble) = lasting_trouble(seen).filter(|_| seen.was_verified()) {
        return Said::yes(trouble.reason, format!("{} What SES said last still stands.", trouble.message));
    }
    let trouble = ses_trouble(seen);
    match &seen.memory.identity {
        Sight::Unseen | Sight::Unsure if seen.was_verified() => Said::yes(Reason::Verified, verified_message(seen)),
        Sight::Unseen | Sight::Absent(_) if trouble.is_none() && seen.room_for_creation(me, now).is_some() => Said::no(
            Reason::CreationLimit,
            "As many SES identities were created for this tenant within the last hour as may be; this one is created after that. Your administrator can raise the limit (--creations-per-tenant).",
        ),
        Sight::Unseen | Sight::Unsure => {
            trouble.unwrap_or_else(|| Said::unknown(Reason::NotChecked, "SES has not been asked yet."))
        }
        Sight::Absent(_) => match trouble {
            Some(trouble) => {
                Said::no(trouble.reason, format!("The SES identity could not be created. {}", trouble.message))
            }
            None => Said::no(Reason::NotCreated, "The SES identity has not been created yet."),
        },
        Sight::Present(_, identity) if !seen.is_ours(me, identity) => Said::no(
            Reason::ForeignIdentity,
            format!(
                "SES has an identity {} that this operator did not make. It is left alone: delete it at SES, or ask whoever made it.",
                seen.domain
            ),
        ),
        Sight::Present(_, identity) => {
            let said = by_status(seen, identity);
            match lasting_trouble(seen) {
                Some(trouble) => Said {
                    message: format!("{} Last seen: {}", trouble.message, said.message),
                    truth: said.truth,
                    ..trouble
                },
                None => said,
            }
        }
    }
}

fn verified_message(seen: &Observed) -> String {
    format!("SES has verified {}.", seen.domain)
}

fn by_status(seen: &Observed, identity: &Identity) -> Said {
    match &identity.verification {
        Status::Success if identity.sends() => Said::yes(Reason::Verified, verified_message(seen)),
        Status::Success => {
            Said::no(Reason::Pending, "SES has verified the domain, but says that it does not send for it yet.")
        }
        Status::TemporaryFailure if identity.sends() => Said::yes(
            Reason::TemporaryFailure,
            "SES no longer finds the DKIM records. It still sends, and looks for them for 72 hours.",
        ),
        Status::Failed => Said::no(
            Reason::VerificationFailed,
            "SES looked for the DKIM records for 72 hours and gave up. Publish them: the operator starts SES again when it sees them.",
        ),
        _ => Said::no(Reason::Pending, "SES is looking for the DKIM records."),
    }
}

fn ready(me: &Installation, seen: &Observed, candidate: &Candidate, identity: &Said, dkim: &Said) -> Said {
    let domain = &seen.domain;
    if candidate.asker.suspended {
        return Said::no(
            Reason::Suspended,
            "Suspended: nothing is changed at SES. Set spec.suspend to false to go on.",
        );
    }
    if identity.reason == Reason::ForeignIdentity {
        return Said::no(identity.reason, identity.message.clone());
    }
    if let Some(plan) = &seen.plan {
        return Said::no(Reason::DryRun, format!("Dry run: {plan}."));
    }
    if seen.claim.as_ref().is_some_and(|stored| stored.claim.identity.hand_over) {
        return Said::no(
            Reason::HandOver,
            format!("{domain} was used before. What others set up on its SES identity is being removed first."),
        );
    }
    let signs =
        seen.identity().is_none_or(|i| seen.is_ours(me, i) && i.sends() && i.dkim.signing_enabled && i.dkim.easy);
    let exists = !matches!(seen.memory.identity, Sight::Absent(_));
    if seen.was_verified() && identity.holds() && exists && signs {
        return match dkim.truth {
            Truth::True => Said::yes(Reason::Ready, format!("Mail can be sent from {domain}.")),
            _ => Said::yes(Reason::Ready, format!("Mail can still be sent from {domain}, but: {}", dkim.message)),
        };
    }
    // The first thing to do: what stands in DNS if that is known, else what SES says. Who has done all that is theirs
    // is told that the operator can't go on.
    let waits = dkim.holds() || matches!(dkim.reason, Reason::Pending | Reason::NotChecked | Reason::RecordsUnknown);
    let stuck = waits && lasting_trouble(seen).is_some();
    let first = if !stuck && (identity.holds() || (exists && dkim.truth == Truth::False)) { dkim } else { identity };
    Said::no(first.reason, first.message.clone())
}

fn identity_status(me: &Installation, seen: &Observed, identity: &Identity) -> IdentityStatus {
    let soa = SoaSeen {
        primary_name_server: identity.diagnosis.soa_primary.as_deref().map(shown),
        admin_email: identity.diagnosis.soa_admin.as_deref().map(shown),
    };
    IdentityStatus {
        arn: me.caller.identity_arn(&seen.domain),
        region: me.caller.region.clone(),
        verification_status: identity.verification.as_str().to_owned(),
        dkim_status: identity.dkim.status.as_str().to_owned(),
        signing_enabled: identity.dkim.signing_enabled,
        error_type: identity.diagnosis.error_type.clone(),
        soa: (soa.primary_name_server.is_some() || soa.admin_email.is_some()).then_some(soa),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A stranger's text, escaped and cut.
fn shown(text: &str) -> String {
    text.escape_default().take(256).collect()
}
