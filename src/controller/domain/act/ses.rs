//! SES calls for one domain, and the cached data that each invalidates.

use std::collections::BTreeMap;

use super::calls::{addresses, associations, call};
use crate::{
    controller::{
        context::{Context, ReconcileError},
        domain::{
            decide::step::{ForeignSetting, Read, Write},
            observe::{
                cache::RemoteState,
                observation::{Invalidation, Observation},
            },
            report::events::identity_event,
        },
        subject::Reconcile,
    },
    ses::{CLAIM_TAG, Identity, RETAINED_TAG, SesError, Status},
};

pub async fn read(
    context: &Context,
    observation: &mut Observation,
    read: Read,
    reconcile: &Reconcile<'_>,
) -> Result<(), ReconcileError> {
    let ses = &context.ports.ses;
    match read {
        Read::Associations => {
            observation.live.associations = Some(associations(context, observation, reconcile).await?);
        }
        Read::Addresses => observation.live.addresses = Some(addresses(context, observation, reconcile).await?),
        _ => {
            let found =
                call(context, observation, reconcile, "GetEmailIdentity", || ses.identity(&observation.domain)).await?;
            cache_identity(context, observation, found.map(Box::new));
        }
    }
    Ok(())
}

fn cache_identity(context: &Context, observation: &mut Observation, found: Option<Box<Identity>>) {
    let now = context.ports.clock.now();
    observation.live.identity = true;
    if let Some(identity) = &found {
        let failed = identity.dkim.status == Status::Failed || identity.verification == Status::Failed;
        observation.cache.restarts = match observation.cache.restarts {
            (count, last) if failed => (count, last.or(Some(now))),
            _ if identity.dkim.status == Status::Success => (0, None),
            kept => kept,
        };
    }
    observation.cache.identity = found.map_or(RemoteState::Absent(now), |identity| RemoteState::Present(now, identity));
}

pub async fn write(
    context: &Context,
    observation: &mut Observation,
    write: &Write,
    reconcile: &Reconcile<'_>,
) -> Result<(), ReconcileError> {
    observation.live.invalidate(Invalidation::SesWait);
    let done = match write {
        Write::RemoveForeignSettings(foreign_settings) => {
            remove_foreign_settings(context, observation, foreign_settings, reconcile).await
        }
        _ => one_write(context, observation, write, reconcile).await,
    };
    // Invalidate after a failure too: the call may have succeeded although its answer was lost.
    if !matches!(done, Err(ReconcileError::Deferred(_) | ReconcileError::NoSlot(_) | ReconcileError::NotLeading)) {
        let before = std::mem::take(&mut observation.cache.identity);
        observation.cache.identity = if done.is_ok() { RemoteState::Stale } else { before.doubted() };
        observation.live.invalidate(Invalidation::SesWrite);
    }
    match done {
        Ok(true) => {
            if *write == Write::StartEasyDkim(true) {
                observation.cache.restarts =
                    (observation.cache.restarts.0.saturating_add(1), Some(context.ports.clock.now()));
            }
            observation.progress.events.extend(identity_event(observation, write));
            Ok(())
        }
        Ok(false) => Ok(()),
        // Not a failure: another step has to come first.
        Err(ReconcileError::Ses(SesError::Associated)) => {
            observation.live.delete_refused = true;
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// Returns whether this call itself changed something.
async fn one_write(
    context: &Context,
    observation: &Observation,
    write: &Write,
    reconcile: &Reconcile<'_>,
) -> Result<bool, ReconcileError> {
    let (ses, domain) = (&context.ports.ses, &observation.domain);
    let arn = context.config.caller.identity_arn(domain);
    let tags = context.config.tags();
    let retained = BTreeMap::from([(RETAINED_TAG.to_owned(), "true".to_owned())]);
    let done = match write {
        Write::CreateIdentity(_) => {
            let claim = observation.claim.iter().map(|stored| (CLAIM_TAG.to_owned(), stored.uid.clone()));
            let tags = tags.into_iter().chain(claim).collect();
            match call(context, observation, reconcile, "CreateEmailIdentity", || ses.create(domain, &tags)).await {
                // Another writer was first, possibly this operator before a crash; the tags show which.
                Err(ReconcileError::Ses(SesError::AlreadyExists)) => return Ok(false),
                other => other,
            }
        }
        Write::StartEasyDkim(_) => {
            let operation = "PutEmailIdentityDkimSigningAttributes";
            call(context, observation, reconcile, operation, || ses.start_easy_dkim(domain)).await
        }
        Write::EnableSigning => {
            call(context, observation, reconcile, "PutEmailIdentityDkimAttributes", || ses.enable_signing(domain)).await
        }
        Write::MarkRetained(true) => {
            call(context, observation, reconcile, "TagResource", || ses.tag(&arn, &retained)).await
        }
        Write::MarkRetained(false) => {
            call(context, observation, reconcile, "UntagResource", || ses.untag(&arn, RETAINED_TAG)).await
        }
        Write::Adopt => call(context, observation, reconcile, "TagResource", || ses.tag(&arn, &tags)).await,
        Write::DeleteIdentity => {
            call(context, observation, reconcile, "DeleteEmailIdentity", || ses.delete(domain)).await
        }
        Write::Claim(..) | Write::ForgetClaim | Write::RemoveForeignSettings(_) => return Ok(false),
    };
    done.map(|()| true)
}

async fn remove_foreign_settings(
    context: &Context,
    observation: &Observation,
    foreign_settings: &[ForeignSetting],
    reconcile: &Reconcile<'_>,
) -> Result<bool, ReconcileError> {
    let (ses, domain) = (&context.ports.ses, &observation.domain);
    let arn = context.config.caller.identity_arn(domain);
    for foreign_setting in foreign_settings {
        match foreign_setting {
            ForeignSetting::Association(tenant) => {
                let operation = "DeleteTenantResourceAssociation";
                call(context, observation, reconcile, operation, || ses.disassociate(tenant, &arn)).await?;
            }
            ForeignSetting::Policy(name) => {
                let operation = "DeleteEmailIdentityPolicy";
                call(context, observation, reconcile, operation, || ses.delete_policy(domain, name)).await?;
            }
            ForeignSetting::MailFrom => {
                let operation = "PutEmailIdentityMailFromAttributes";
                call(context, observation, reconcile, operation, || ses.clear_mail_from(domain)).await?;
            }
            ForeignSetting::ConfigurationSet => {
                let operation = "PutEmailIdentityConfigurationSetAttributes";
                call(context, observation, reconcile, operation, || ses.clear_configuration_set(domain)).await?;
            }
        }
    }
    Ok(true)
}
