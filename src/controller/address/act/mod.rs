//! Carries out one step for an address. The only management calls to SES are those that say whether the operator's own sender can
//! send; mails have a budget of their own.

mod acknowledge;
mod claim;
mod confirmation_mail;
mod send;
pub mod sender;
mod sent;

use self::sender::Mailer;
use super::{
    decide::Step,
    observe::{live_claimants, observation::Observation},
};
use crate::controller::{context::ReconcileError, subject::Reconcile};

/// One read or write.
pub async fn act(
    mailer: &Mailer,
    seen: &mut Observation,
    step: Step,
    reconcile: &Reconcile<'_>,
) -> Result<(), ReconcileError> {
    let context = &mailer.context;
    match step {
        Step::ReadClaimants => {
            seen.claimants = live_claimants(context, &seen.address).await.map_err(ReconcileError::Store)?;
            seen.claimants_live = true;
            Ok(())
        }
        Step::Write(claim) => claim::write(context, seen, &claim, reconcile.term).await,
        Step::Forget => claim::forget(context, seen, reconcile.term).await,
        Step::Send => send::send(mailer, seen, reconcile).await,
    }
}
