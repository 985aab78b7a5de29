//! Settings of how rights to domains are proven.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{Args, ValueEnum};
use jiff::SignedDuration;

use super::{
    error::Inconsistent,
    values::{domain, duration, interval},
};
use crate::model::{
    name::Domain,
    policy::{Delegations, Mode, Policy},
    tenant::Tenant,
};

/// What a tenant needs for a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Proof {
    /// Its TXT record in the domain's DNS.
    DnsChallenge,
    /// Nothing: the first one that asks has it.
    None,
}

/// How rights to domains are proven.
#[derive(Clone, Debug, Args)]
pub struct Rights {
    /// What a tenant needs for a domain: its TXT record in the domain's DNS (`dns-challenge`), or nothing (`none`), for
    /// clusters whose tenants trust each other: the first one that asks has it.
    #[arg(long, env = "SENDER_OPERATOR_PROOF", value_enum, default_value = "dns-challenge")]
    pub proof: Proof,

    /// YAML file with company zones and the tenants they are given to, as `corp.example.com: [tenant/it]`. Below such a
    /// zone the table alone decides, and no TXT record is needed.
    #[arg(long, env = "SENDER_OPERATOR_DELEGATIONS")]
    pub delegations: Option<PathBuf>,

    /// How long a tenant whose TXT record is gone keeps its domain before another one that proves it gets it.
    #[arg(long, env = "SENDER_OPERATOR_PROOF_GRACE", default_value = "168h", value_parser = duration)]
    pub proof_grace: Duration,

    /// How long an SES identity exists for a domain that nobody has proven.
    #[arg(long, env = "SENDER_OPERATOR_PROVISIONAL_TIME", default_value = "720h", value_parser = interval)]
    pub provisional_time: Duration,

    /// How many SES identities may exist for domains that a tenant has asked for and not proven. Further ones are made when
    /// they are proven.
    #[arg(long, env = "SENDER_OPERATOR_PROVISIONAL_PER_TENANT", default_value = "20")]
    pub provisional_per_tenant: usize,

    /// The same for all tenants together.
    #[arg(long, env = "SENDER_OPERATOR_PROVISIONAL_IN_ALL", default_value = "500")]
    pub provisional_in_all: usize,

    /// The domain from which this operator itself sends. No tenant gets an SES identity there or below without a proof.
    #[arg(long, env = "SENDER_OPERATOR_SENDER_DOMAIN", value_parser = domain)]
    pub sender_domain: Option<Domain>,

    /// Lets resources with `adoptionPolicy: IfProven` take in SES identities that somebody else made.
    #[arg(long, env = "SENDER_OPERATOR_ALLOW_ADOPTION")]
    pub allow_adoption: bool,
}

impl Rights {
    /// How rights to domains are proven.
    pub fn policy(&self) -> Result<Policy, Inconsistent> {
        let delegations = match &self.delegations {
            Some(path) => delegations(path)?,
            None => Delegations::default(),
        };
        Ok(Policy {
            mode: match self.proof {
                Proof::DnsChallenge => Mode::DnsChallenge,
                Proof::None => Mode::None,
            },
            delegations,
            grace: signed(self.proof_grace),
            provisional_time: signed(self.provisional_time),
            provisional_per_tenant: self.provisional_per_tenant,
            provisional_in_all: self.provisional_in_all,
            sender_domain: self.sender_domain.clone(),
            adoption: self.allow_adoption,
        })
    }
}

fn delegations(path: &Path) -> Result<Delegations, Inconsistent> {
    let wrong = |problem: String| Inconsistent::Delegations { path: path.display().to_string(), problem };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    let rows: BTreeMap<Domain, Vec<Tenant>> =
        serde_saphyr::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    Ok(rows.into_iter().collect())
}

fn signed(time: Duration) -> SignedDuration {
    SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table, or what is told about it.
    fn read(text: &str) -> (Option<Delegations>, String) {
        let path = std::env::temp_dir().join(format!("delegations-{}.yaml", crate::cluster::keys::random_id()));
        std::fs::write(&path, text).unwrap();
        let answer = delegations(&path);
        std::fs::remove_file(path).unwrap();
        let told = answer.as_ref().err().map(ToString::to_string).unwrap_or_default();
        (answer.ok(), told)
    }

    #[test]
    fn the_table_of_delegations_is_read_and_a_mistake_in_it_is_told() {
        let table = read("corp.example: [tenant/it]\nshop.corp.example:\n  - tenant/shop\n  - namespace/web/uid-1\n")
            .0
            .unwrap();
        let of = |name: &str| table.of(&Domain::parse(name).unwrap()).map(<[Tenant]>::len);
        assert_eq!((of("mail.corp.example"), of("shop.corp.example"), of("other.example")), (Some(1), Some(2), None));
        for (text, says) in [
            ("Corp.Example: [tenant/it]", "lower-case"),
            ("corp.example: [it]", "written tenant/<label>"),
            ("corp.example: tenant/it", "expected sequence"),
            ("[corp.example]", "expected mapping"),
        ] {
            let error = read(text).1;
            assert!(error.contains(says) && error.contains("corp.example.com: [tenant/it]"), "{error}");
        }
        assert!(delegations(Path::new("/nowhere")).is_err());
    }
}
