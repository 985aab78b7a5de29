//! SES calls for one domain, and the cached data that each invalidates.

use std::collections::BTreeMap;

use super::calls::{addresses, associations, call};
use crate::{
    controller::{
        context::{Context, ReconcileError},
        domain::{
            decide::step::{Leftover, Read, Write},
            observe::{
                cache::Sight,
                observation::{Invalidation, Observation},
            },
            report::events::identity_notice,
        },
        subject::Reconcile,
    },
    ses::{CLAIM_TAG, Identity, RETAINED_TAG, SesError, Status},
};

pub async fn read(
    context: &Context,
    seen: &mut Observation,
    read: Read,
    reconcile: &Reconcile<'_>,
) -> Result<(), ReconcileError> {
    let ses = &context.ports.ses;
    match read {
        Read::Associations => seen.live.associations = Some(associations(context, seen, reconcile).await?),
        Read::Addresses => seen.live.addresses = Some(addresses(context, seen, reconcile).await?),
        _ => {
            let found = call(context, seen, reconcile, "GetEmailIdentity", || ses.identity(&seen.domain)).await?;
            remember(context, seen, found.map(Box::new));
        }
    }
    Ok(())
}

fn remember(context: &Context, seen: &mut Observation, found: Option<Box<Identity>>) {
    let now = context.ports.clock.now();
    seen.live.identity = true;
    if let Some(identity) = &found {
        let failed = identity.dkim.status == Status::Failed || identity.verification == Status::Failed;
        seen.cache.restarts = match seen.cache.restarts {
            (count, last) if failed => (count, last.or(Some(now))),
            _ if identity.dkim.status == Status::Success => (0, None),
            kept => kept,
        };
    }
    seen.cache.identity = found.map_or(Sight::Absent(now), |identity| Sight::Present(now, identity));
}

pub async fn write(
    context: &Context,
    seen: &mut Observation,
    write: &Write,
    reconcile: &Reconcile<'_>,
) -> Result<(), ReconcileError> {
    seen.live.invalidate(Invalidation::SesWait);
    let done = match write {
        Write::Strip(leftovers) => strip(context, seen, leftovers, reconcile).await,
        _ => one_write(context, seen, write, reconcile).await,
    };
    // Invalidate after a failure too: the call may have succeeded although its answer was lost.
    if !matches!(done, Err(ReconcileError::Deferred(_) | ReconcileError::NoSlot(_) | ReconcileError::NotLeading)) {
        let before = std::mem::take(&mut seen.cache.identity);
        seen.cache.identity = if done.is_ok() { Sight::Unsure } else { before.doubted() };
        seen.live.invalidate(Invalidation::SesWrite);
    }
    match done {
        Ok(true) => {
            if *write == Write::StartEasyDkim(true) {
                seen.cache.restarts = (seen.cache.restarts.0.saturating_add(1), Some(context.ports.clock.now()));
            }
            seen.progress.events.extend(identity_notice(seen, write));
            Ok(())
        }
        Ok(false) => Ok(()),
        // Not a failure: another step has to come first.
        Err(ReconcileError::Ses(SesError::Associated)) => {
            seen.live.delete_refused = true;
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// Returns whether this call itself changed something.
async fn one_write(
    context: &Context,
    seen: &Observation,
    write: &Write,
    reconcile: &Reconcile<'_>,
) -> Result<bool, ReconcileError> {
    let (ses, domain) = (&context.ports.ses, &seen.domain);
    let arn = context.config.caller.identity_arn(domain);
    let tags = context.config.tags();
    let retained = BTreeMap::from([(RETAINED_TAG.to_owned(), "true".to_owned())]);
    let done = match write {
        Write::CreateIdentity(_) => {
            let claim = seen.claim.iter().map(|stored| (CLAIM_TAG.to_owned(), stored.uid.clone()));
            let tags = tags.into_iter().chain(claim).collect();
            match call(context, seen, reconcile, "CreateEmailIdentity", || ses.create(domain, &tags)).await {
                // Another writer was first, possibly this operator before a crash; the tags show which.
                Err(ReconcileError::Ses(SesError::AlreadyExists)) => return Ok(false),
                other => other,
            }
        }
        Write::StartEasyDkim(_) => {
            let operation = "PutEmailIdentityDkimSigningAttributes";
            call(context, seen, reconcile, operation, || ses.start_easy_dkim(domain)).await
        }
        Write::EnableSigning => {
            call(context, seen, reconcile, "PutEmailIdentityDkimAttributes", || ses.enable_signing(domain)).await
        }
        Write::MarkRetained(true) => call(context, seen, reconcile, "TagResource", || ses.tag(&arn, &retained)).await,
        Write::MarkRetained(false) => {
            call(context, seen, reconcile, "UntagResource", || ses.untag(&arn, RETAINED_TAG)).await
        }
        Write::Adopt => call(context, seen, reconcile, "TagResource", || ses.tag(&arn, &tags)).await,
        Write::DeleteIdentity => call(context, seen, reconcile, "DeleteEmailIdentity", || ses.delete(domain)).await,
        Write::Claim(..) | Write::ForgetClaim | Write::Strip(_) => return Ok(false),
    };
    done.map(|()| true)
}

async fn strip(
    context: &Context,
    seen: &Observation,
    leftovers: &[Leftover],
    reconcile: &Reconcile<'_>,
) -> Result<bool, ReconcileError> {
    let (ses, domain) = (&context.ports.ses, &seen.domain);
    let arn = context.config.caller.identity_arn(domain);
    for leftover in leftovers {
        match leftover {
            Leftover::Association(tenant) => {
                let operation = "DeleteTenantResourceAssociation";
                call(context, seen, reconcile, operation, || ses.disassociate(tenant, &arn)).await?;
            }
            Leftover::Policy(name) => {
                let operation = "DeleteEmailIdentityPolicy";
                call(context, seen, reconcile, operation, || ses.delete_policy(domain, name)).await?;
            }
            Leftover::MailFrom => {
                let operation = "PutEmailIdentityMailFromAttributes";
                call(context, seen, reconcile, operation, || ses.clear_mail_from(domain)).await?;
            }
            Leftover::ConfigurationSet => {
                let operation = "PutEmailIdentityConfigurationSetAttributes";
                call(context, seen, reconcile, operation, || ses.clear_configuration_set(domain)).await?;
            }
        }
    }
    Ok(true)
}
