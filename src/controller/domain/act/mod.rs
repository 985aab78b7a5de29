//! Executes one step for a domain, and adds its results to the observation.

mod calls;
mod claim;
mod dns;
mod ses;

use super::{
    decide::step::{Read, Step, Write},
    observe::{
        live_claimants, live_related,
        observation::{Invalidation, Observation},
    },
};
use crate::controller::{
    context::{Context, ReconcileError},
    subject::Reconcile,
};

pub async fn act(
    context: &Context,
    seen: &mut Observation,
    step: Step,
    reconcile: &Reconcile<'_>,
) -> Result<(), ReconcileError> {
    match step {
        Step::Read(read) => self::read(context, seen, read, reconcile).await,
        Step::Write(Write::Claim(claim, event)) => claim::write(context, seen, &claim, event, reconcile.term).await,
        Step::Write(Write::ForgetClaim) => claim::forget(context, seen, reconcile.term).await,
        Step::Write(write) => ses::write(context, seen, &write, reconcile).await,
    }
}

async fn read(
    context: &Context,
    seen: &mut Observation,
    read: Read,
    reconcile: &Reconcile<'_>,
) -> Result<(), ReconcileError> {
    match read {
        Read::Related => {
            seen.live.related = Some(live_related(context, &seen.domain).await.map_err(ReconcileError::Store)?);
        }
        Read::Claimants => {
            seen.claimants = live_claimants(context, &seen.domain).await.map_err(ReconcileError::Store)?;
            seen.live.claimants = true;
        }
        Read::Records => dns::look_up_records(context, seen).await,
        Read::Challenge => dns::look_up_challenge(context, seen).await,
        Read::Identity | Read::Associations | Read::Addresses => {
            seen.live.invalidate(Invalidation::SesWait);
            return ses::read(context, seen, read, reconcile).await;
        }
    }
    Ok(())
}
