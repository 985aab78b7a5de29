//! The configuration of reconciles, from the settings. A new setting is one line here.

use super::{Settings, error::Inconsistent};
use crate::{cluster::operator_secret::Keys, controller::Config, ses::Caller};

impl Settings {
    /// The configuration for these keys and credentials.
    pub fn config(&self, keys: Keys, caller: Caller) -> Result<Config, Inconsistent> {
        Ok(Config {
            environment: self.environment.clone(),
            owner_id: keys.owner_id,
            caller,
            release_delay: self.release_delay,
            claim_retention: self.claim_retention,
            poll_interval: self.poll_interval,
            recheck_interval: self.recheck_interval,
            sweep_interval: self.sweep_interval,
            refresh_interval: self.refresh_interval,
            creations_per_tenant: self.creations_per_tenant,
            open_domains_per_tenant: self.rights.open_domains_per_tenant as usize,
            ses_timeout: self.ses_timeout,
            mail: self.mail.config(keys.links)?,
            approval: self.mail.allow_approval,
            policy: self.rights.policy()?,
            keys: keys.challenge,
            dry_run: self.dry_run,
        })
    }
}
