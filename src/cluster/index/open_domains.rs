//! Open domains: domains that a tenant claims and has not proven.

use super::core::Index;
use crate::model::{claim::State, name::Domain, tenant::Tenant};

/// Creation time and uid of an object: the order of the open domains.
pub type Age = (i64, Box<str>);

impl Index {
    /// The newest object of the tenant that is within `limit`; `None`: all are. Newer objects are
    /// beyond the limit, so a new object never displaces one that is being looked up. `is_open`: whether a TXT record
    /// can prove the domain; others are not counted.
    pub fn last_open(
        &self,
        environment: &str,
        tenant: &Tenant,
        limit: usize,
        is_open: impl Fn(&Domain) -> bool,
    ) -> Option<Age> {
        let namespaces = self.namespaces.of_tenant(tenant).into_iter();
        let served = namespaces.filter(|name| self.namespaces.is_served(environment, name));
        let entries = served.flat_map(|name| self.domains.objects.in_namespace(name));
        let open = entries.filter(|entry| is_open(&entry.subject) && !self.is_of(&entry.subject, tenant));
        let mut ages: Vec<(i64, &Box<str>)> = open.map(|entry| (entry.created, &entry.uid)).collect();
        if ages.len() <= limit {
            return None;
        }
        let (_, &mut (created, uid), _) = ages.select_nth_unstable(limit.checked_sub(1)?);
        Some((created, uid.clone()))
    }

    /// Whether the tenant holds the domain or is releasing it.
    fn is_of(&self, domain: &Domain, tenant: &Tenant) -> bool {
        self.domains.claims.get(domain).is_some_and(|entry| {
            matches!(entry.state, State::Held | State::Releasing) && entry.tenant.as_ref() == Some(tenant)
        })
    }
}
