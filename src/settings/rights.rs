//! Settings of the proof of domains.

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
    proof_policy::{Delegations, Mode, Policy},
    tenant::Tenant,
};

/// Proof that a tenant needs for a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProofSetting {
    /// A TXT record of the tenant in the DNS of the domain.
    DnsChallenge,
    /// No proof: the first claimant gets the domain.
    None,
}

/// Settings of the proof of domains.
#[derive(Clone, Debug, Args)]
pub struct Rights {
    /// Proof that a tenant needs for a domain. Use none only if all tenants of the cluster trust each other.
    #[arg(long, env = "SENDER_OPERATOR_PROOF", value_enum, default_value = "dns-challenge")]
    pub proof: ProofSetting,

    /// YAML file that delegates zones to tenants, such as "corp.example.com: [tenant/it]". For these zones and their
    /// subdomains, the file decides, and no TXT record is needed.
    #[arg(long, env = "SENDER_OPERATOR_DELEGATIONS")]
    pub delegations: Option<PathBuf>,

    /// Grace period: how long a tenant whose proof is lost keeps the domain if another tenant proves control of it.
    #[arg(long, env = "SENDER_OPERATOR_PROOF_GRACE", default_value = "168h", value_parser = duration)]
    pub proof_grace: Duration,

    /// How long an SES identity is kept for an unproven domain. After that, the identity is created only after a proof.
    #[arg(long, env = "SENDER_OPERATOR_PROVISIONAL_TIME", default_value = "720h", value_parser = interval)]
    pub provisional_time: Duration,

    /// Maximum number of SES identities for unproven domains per tenant. Further identities are created only after a
    /// proof.
    #[arg(long, env = "SENDER_OPERATOR_PROVISIONAL_PER_TENANT", default_value = "20")]
    pub provisional_per_tenant: usize,

    /// Maximum number of SES identities for unproven domains across all tenants.
    #[arg(long, env = "SENDER_OPERATOR_PROVISIONAL_IN_ALL", default_value = "500")]
    pub provisional_in_all: usize,

    /// Maximum number of unproven domains per tenant that the operator looks up in DNS. The oldest are looked up;
    /// the others wait. Domains in delegated zones do not count.
    #[arg(long, env = "SENDER_OPERATOR_OPEN_DOMAINS_PER_TENANT", default_value = "200", value_parser = clap::value_parser!(u32).range(1..))]
    pub open_domains_per_tenant: u32,

    /// Domain of the operator's own sender. For this domain and its subdomains, no SES identity is created before a
    /// proof.
    #[arg(long, env = "SENDER_OPERATOR_SENDER_DOMAIN", value_parser = domain)]
    pub sender_domain: Option<Domain>,

    /// Allow resources with adoptionPolicy: IfProven to adopt SES identities that no operator created.
    #[arg(long, env = "SENDER_OPERATOR_ALLOW_ADOPTION")]
    pub allow_adoption: bool,
}

impl Rights {
    /// The rules of proofs.
    pub fn policy(&self) -> Result<Policy, Inconsistent> {
        let delegations = match &self.delegations {
            Some(path) => delegations(path)?,
            None => Delegations::default(),
        };
        Ok(Policy {
            mode: match self.proof {
                ProofSetting::DnsChallenge => Mode::DnsChallenge,
                ProofSetting::None => Mode::None,
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
        let path =
            std::env::temp_dir().join(format!("delegations-{}.yaml", crate::cluster::operator_secret::random_id()));
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
            ("Corp.Example: [tenant/it]", "lowercase"),
            ("corp.example: [it]", "use tenant/<label>"),
            ("corp.example: tenant/it", "expected sequence"),
            ("[corp.example]", "expected mapping"),
        ] {
            let error = read(text).1;
            assert!(error.contains(says) && error.contains("corp.example.com: [tenant/it]"), "{error}");
        }
        assert!(delegations(Path::new("/nowhere")).is_err());
    }
}
