//! The settings of one operator process, as the reconciles use them. Pure data: parsed and checked in `settings`.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use crate::{
    mail::{Language, Templates},
    model::{
        address::Address, challenge::ChallengeKeys, claim::Account, confirmation::limits::Limits, link::LinkKeys,
        policy::Policy,
    },
    ses::{Caller, ENVIRONMENT_TAG, OWNER_TAG},
};

/// Identity and settings of this installation: the same for every reconcile.
#[derive(Clone, Debug)]
pub struct Config {
    /// The release (environment).
    pub environment: String,
    /// Owner id of the tags.
    pub owner_id: String,
    /// Account, region and partition of the credentials.
    pub caller: Caller,
    /// How long a released identity stays at SES.
    pub release_delay: Duration,
    /// How long a free claim is kept.
    pub claim_retention: Duration,
    /// How often a domain that is not Ready is looked at.
    pub poll_interval: Duration,
    /// How often DNS is asked about a domain that is Ready.
    pub recheck_interval: Duration,
    /// How often all identities are listed.
    pub sweep_interval: Duration,
    /// How often each identity is read in full.
    pub refresh_interval: Duration,
    /// How many identities are created for one tenant within an hour.
    pub creations_per_tenant: u32,
    /// How rights to domains are proven.
    pub policy: Policy,
    /// The keys of challenges.
    pub keys: ChallengeKeys,
    /// How confirmation mails are sent; `None`: they are not configured.
    pub mail: Option<Arc<MailConfig>>,
    /// Administrators may approve an address in place of its owner.
    pub approval: bool,
    /// How long one call to AWS may take.
    pub ses_timeout: Duration,
    /// Plans are shown and nothing is written.
    pub dry_run: bool,
}

impl Config {
    /// What a new claim records of the account.
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

/// How this installation sends confirmation mails.
#[derive(Clone, Debug)]
pub struct MailConfig {
    /// Sender of the mails.
    pub sender: Address,
    /// Name beside it.
    pub sender_name: Option<String>,
    /// SES configuration set of the mails.
    pub configuration_set: Option<String>,
    /// Start of links, without a slash at the end.
    pub public_url: String,
    /// Who runs the installation.
    pub company: Option<String>,
    /// Language of those who don't choose one.
    pub language: Language,
    /// The mails' words.
    pub templates: Arc<Templates>,
    /// Keys of links.
    pub keys: LinkKeys,
    /// Whether a code has to be typed.
    pub codes: bool,
    /// How many mails may be sent.
    pub limits: Limits,
}
