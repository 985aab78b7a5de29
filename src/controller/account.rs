//! Whose AWS account this is: claims made in another one are left alone.

use super::Controller;
use crate::model::claim::StoredClaim;

impl Controller {
    /// Whether the claim was made in another AWS account or region than that of the credentials at hand. Then nothing
    /// is written for it, and readiness says so: acting with the wrong credentials would look like a lost identity.
    pub(super) fn is_of_another_account(&self, subject: &str, claim: Option<&StoredClaim>) -> bool {
        let caller = &self.me.caller;
        let account = claim.map(|stored| &stored.claim.account);
        let other = account.filter(|account| account.id != caller.account || account.region != caller.region);
        let problem = other.map(|account| {
            format!(
                "AccountMismatch: claims were made in AWS account {} ({}), but the credentials belong to {} ({}); set the \
                 right credentials and region",
                account.id, account.region, caller.account, caller.region
            )
        });
        self.health.mismatch(subject, problem.clone());
        if let Some(problem) = problem {
            tracing::error!(subject, problem, "nothing is written");
            return true;
        }
        false
    }
}
