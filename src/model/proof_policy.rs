//! How tenants prove their right to domains in this environment. Pure.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::{name::Domain, tenant::Tenant};

/// The proof that a domain needs where no delegation covers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The tenant's TXT record in the domain's DNS.
    DnsChallenge,
    /// No proof: for clusters whose tenants trust each other.
    None,
}

/// Zones that the administrator assigned to tenants. There only the table proves a right; TXT records are ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delegations(BTreeMap<Domain, Vec<Tenant>>);

impl FromIterator<(Domain, Vec<Tenant>)> for Delegations {
    fn from_iter<I: IntoIterator<Item = (Domain, Vec<Tenant>)>>(rows: I) -> Self {
        Self(rows.into_iter().collect())
    }
}

impl Delegations {
    /// The tenants of the most specific zone that contains the domain.
    pub fn of(&self, domain: &Domain) -> Option<&[Tenant]> {
        std::iter::once(domain.clone()).chain(domain.ancestors()).find_map(|zone| self.0.get(&zone)).map(Vec::as_slice)
    }
}

/// The proof that one domain needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Required<'a> {
    /// None: the first claimant gets the domain.
    FirstCome,
    /// The tenant's TXT record.
    Challenge,
    /// The claimant is one of these tenants.
    Delegation(&'a [Tenant]),
}

/// The proof settings of an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The proof where no delegation covers a domain.
    pub mode: Mode,
    /// The administrator's table of zones.
    pub delegations: Delegations,
    /// Grace: how long a holder keeps its domain after its proof disappears.
    pub grace: SignedDuration,
    /// How long an identity exists for an unproven domain.
    pub provisional_time: SignedDuration,
    /// Limit on such identities per tenant.
    pub provisional_per_tenant: usize,
    /// Limit on such identities over all tenants.
    pub provisional_in_all: usize,
    /// The operator's own sender domain: below it the proof comes first.
    pub sender_domain: Option<Domain>,
    /// Whether foreign identities may be adopted, if the resource requests it and its tenant has a proof.
    pub adoption: bool,
}

impl Policy {
    /// The proof that this domain needs.
    pub fn required(&self, domain: &Domain) -> Required<'_> {
        match (self.delegations.of(domain), self.mode) {
            (Some(tenants), _) => Required::Delegation(tenants),
            (None, Mode::DnsChallenge) => Required::Challenge,
            (None, Mode::None) => Required::FirstCome,
        }
    }

    /// Whether the domain is the operator's own sender domain or below it.
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
