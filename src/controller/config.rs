//! The settings of one operator process, as reconciles use them. Pure data: parsed and checked in `settings`.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use crate::{
    mail::{Language, Templates},
    model::{
        address::Address, challenge::ChallengeKeys, claim::Account, confirmation::limits::MailLimits, link::LinkKeys,
        proof_policy::Policy,
    },
    ses::{Caller, ENVIRONMENT_TAG, OWNER_TAG},
};

#[derive(Clone, Debug)]
pub struct Config {
    /// Name of the environment.
    pub environment: String,
    /// Owner id in the tags.
    pub owner_id: String,
    /// Account, region and partition of the credentials.
    pub caller: Caller,
    /// Release delay: how long a released identity stays at SES.
    pub release_delay: Duration,
    /// How long a released claim is kept.
    pub claim_retention: Duration,
    /// Interval of reads for a domain that is not Ready.
    pub poll_interval: Duration,
    /// Interval of DNS lookups for a Ready domain.
    pub recheck_interval: Duration,
    /// Interval of the sweep.
    pub sweep_interval: Duration,
    /// Interval of full reads of each identity.
    pub refresh_interval: Duration,
    /// Limit on new identities per tenant and hour.
    pub creations_per_tenant: u32,
    /// Limit on domains of a tenant that are looked up without a proof.
    pub open_domains_per_tenant: usize,
    pub policy: Policy,
    pub keys: ChallengeKeys,
    /// How confirmation mails are sent; `None`: they are not configured.
    pub mail: Option<Arc<MailConfig>>,
    /// Administrators may approve an address in place of its owner.
    pub approval: bool,
    /// Timeout of one call to AWS.
    pub ses_timeout: Duration,
    /// Plans are shown and nothing is written.
    pub dry_run: bool,
}

impl Config {
    /// The account that a new claim records.
    pub fn account(&self) -> Account {
        Account { id: self.caller.account.clone(), region: self.caller.region.clone(), owner_id: self.owner_id.clone() }
    }

    /// The tags of a new identity.
    pub fn tags(&self) -> BTreeMap<String, String> {
        BTreeMap::from([
            (OWNER_TAG.to_owned(), self.owner_id.clone()),
            (ENVIRONMENT_TAG.to_owned(), self.environment.clone()),
        ])
    }
}

/// How this environment sends confirmation mails.
#[derive(Clone, Debug)]
pub struct MailConfig {
    pub sender: Address,
    /// Display name of the sender.
    pub sender_name: Option<String>,
    /// SES configuration set of the mails.
    pub configuration_set: Option<String>,
    /// Base URL of links, without a trailing slash.
    pub public_url: String,
    /// Company that runs the operator, as the mails name it.
    pub company: Option<String>,
    /// Language of resources without a locale.
    pub language: Language,
    pub templates: Arc<Templates>,
    pub keys: LinkKeys,
    /// Whether the pages require the code from the mail.
    pub codes: bool,
    pub limits: MailLimits,
}
