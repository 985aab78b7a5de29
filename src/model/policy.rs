//! How rights to domains are proven in this installation. Pure.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::{name::Domain, tenant::Tenant};

/// What a tenant needs for a domain that no delegation covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Its TXT record in the domain's DNS.
    DnsChallenge,
    /// Nothing: for clusters whose tenants trust each other.
    None,
}

/// Zones that the administrator gave to tenants: there the table alone proves, and no record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delegations(BTreeMap<Domain, Vec<Tenant>>);

impl FromIterator<(Domain, Vec<Tenant>)> for Delegations {
    fn from_iter<I: IntoIterator<Item = (Domain, Vec<Tenant>)>>(rows: I) -> Self {
        Self(rows.into_iter().collect())
    }
}

impl Delegations {
    /// The tenants that the most specific zone above the domain, or the domain itself, is given to.
    pub fn of(&self, domain: &Domain) -> Option<&[Tenant]> {
        std::iter::once(domain.clone()).chain(domain.ancestors()).find_map(|zone| self.0.get(&zone)).map(Vec::as_slice)
    }
}

/// What stands for a right to one domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Required<'a> {
    /// The first tenant that asks has it.
    FirstCome,
    /// The tenant's TXT record.
    Challenge,
    /// To be one of these tenants.
    Delegation(&'a [Tenant]),
}

/// The rules of an installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Where no delegation covers a domain.
    pub mode: Mode,
    /// The administrator's table.
    pub delegations: Delegations,
    /// How long a holder whose proof is gone keeps its domain.
    pub grace: SignedDuration,
    /// How long an identity exists for a domain that nobody has proven.
    pub provisional_time: SignedDuration,
    /// Such identities for one tenant.
    pub provisional_per_tenant: usize,
    /// Such identities for all.
    pub provisional_in_all: usize,
    /// The operator's own sender domain: below it the proof comes first.
    pub sender_domain: Option<Domain>,
    /// Identities that somebody else made may be taken in, where a resource asks for it and its tenant has a proof.
    pub adoption: bool,
}

impl Policy {
    /// What stands for a right to this domain.
    pub fn required(&self, domain: &Domain) -> Required<'_> {
        match (self.delegations.of(domain), self.mode) {
            (Some(tenants), _) => Required::Delegation(tenants),
            (None, Mode::DnsChallenge) => Required::Challenge,
            (None, Mode::None) => Required::FirstCome,
        }
    }

    /// Whether the domain is the operator's own sender domain, or lies below it.
    pub fn is_own(&self, domain: &Domain) -> bool {
        self.sender_domain.as_ref().is_some_and(|own| domain == own || domain.is_below(own))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domain(text: &str) -> Domain {
        Domain::parse(text).unwrap()
    }

    #[test]
    fn the_most_specific_zone_of_the_table_rules_and_its_neighbours_do_not() {
        let tenant = |name: &str| Tenant::Label(name.to_owned());
        let rows = [
            (domain("corp.example"), vec![tenant("it")]),
            (domain("shop.corp.example"), vec![tenant("shop"), tenant("web")]),
            (domain("closed.corp.example"), vec![]),
        ];
        let table: Delegations = rows.into_iter().collect();
        for (name, expected) in [
            ("corp.example", Some(vec!["it"])),
            ("mail.corp.example", Some(vec!["it"])),
            ("a.shop.corp.example", Some(vec!["shop", "web"])),
            ("a.closed.corp.example", Some(vec![])),
            ("xcorp.example", None),
            ("other.example", None),
        ] {
            let expected = expected.map(|names| names.into_iter().map(tenant).collect::<Vec<_>>());
            assert_eq!(table.of(&domain(name)).map(<[Tenant]>::to_vec), expected, "{name}");
        }
    }
}
