//! Executes one step for a domain, and adds its results to the observation.

mod calls;
mod claim;
mod dns;
mod ses;

use super::{
    decide::step::{Read, Step, Write},
    observe::{
        live_related, live_resources,
        observation::{Invalidation, Observation},
    },
};
use crate::controller::{
    context::{Context, ReconcileError},
    subject::Reconcile,
};

pub async fn act(
    context: &Context,
    observation: &mut Observation,
    step: Step,
    reconcile: &Reconcile<'_>,
) -> Result<(), ReconcileError> {
    match step {
        Step::Read(read) => self::read(context, observation, read, reconcile).await,
        Step::Write(Write::Claim(claim, event)) => {
            claim::write(context, observation, &claim, event, reconcile.term).await
        }
        Step::Write(Write::ForgetClaim) => claim::forget(context, observation, reconcile.term).await,
        Step::Write(write) => ses::write(context, observation, &write, reconcile).await,
    }
}

async fn read(
    context: &Context,
    observation: &mut Observation,
    read: Read,
    reconcile: &Reconcile<'_>,
) -> Result<(), ReconcileError> {
    match read {
        Read::Related => {
            observation.live.related =
                Some(live_related(context, &observation.domain).await.map_err(ReconcileError::Store)?);
        }
        Read::Resources => {
            observation.resources = live_resources(context, &observation.domain, observation.claim.as_ref())
                .await
                .map_err(ReconcileError::Store)?;
            observation.live.resources = true;
        }
        Read::Records => return dns::look_up_records(context, observation, reconcile).await,
        Read::Challenge => return dns::look_up_challenge(context, observation, reconcile).await,
        Read::Identity | Read::Associations | Read::Addresses => {
            observation.live.invalidate(Invalidation::SesWait);
            return ses::read(context, observation, read, reconcile).await;
        }
    }
    Ok(())
}
