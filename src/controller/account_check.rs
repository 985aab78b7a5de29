//! `AccountMismatch`: claims of another AWS account or region are never touched.

use super::context::Context;
use crate::model::claim::StoredClaim;

impl Context {
    /// Whether the claim was created in another AWS account or region than that of the current credentials. Then
    /// nothing is written for it, and readiness reports it: with the wrong credentials, every identity would look lost.
    pub fn is_of_another_account(&self, claim_name: &str, claim: Option<&StoredClaim>) -> bool {
        let caller = &self.config.caller;
        let account = claim.map(|stored| &stored.claim.account);
        let other = account.filter(|account| account.id != caller.account || account.region != caller.region);
        let problem = other.map(|account| {
            format!(
                "AccountMismatch: claims belong to AWS account {} ({}), but the credentials belong to {} ({}); set the \
                 correct credentials and region",
                account.id, account.region, caller.account, caller.region
            )
        });
        self.health.mismatch(claim_name, problem.clone());
        if let Some(problem) = problem {
            tracing::error!(claim_name, problem, "the claim belongs to another AWS account; nothing is written");
            return true;
        }
        false
    }
}
