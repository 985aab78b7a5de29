//! Executes one step for an address. Management calls to SES only check the operator's own sender; mails have a budget
//! of their own.

mod acknowledge;
mod claim;
mod confirmation_mail;
mod send;
pub mod sender;
mod sent;

use self::sender::Mailer;
use super::{
    decide::Step,
    observe::{live_resources, observation::Observation},
};
use crate::controller::{context::ReconcileError, subject::Reconcile};

pub async fn act(
    mailer: &Mailer,
    observation: &mut Observation,
    step: Step,
    reconcile: &Reconcile<'_>,
) -> Result<(), ReconcileError> {
    let context = &mailer.context;
    match step {
        Step::ReadResources => {
            observation.resources =
                live_resources(context, &observation.address).await.map_err(ReconcileError::Store)?;
            observation.resources_live = true;
            Ok(())
        }
        Step::Write(claim) => claim::write(context, observation, &claim, reconcile.term).await,
        Step::Forget => claim::forget(context, observation, reconcile.term).await,
        Step::Send => send::send(mailer, observation, reconcile).await,
    }
}
