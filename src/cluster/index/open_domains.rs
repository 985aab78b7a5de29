//! Open domains: domains that a tenant claims and has not proven.

use super::core::Index;
use crate::{
    cluster::key::Key,
    model::{claim::State, name::Domain, tenant::Tenant},
};

impl Index {
    /// Whether the tenant of this object has at least `limit` open domains whose objects are older. `needs_challenge`:
    /// whether a domain is proven by a TXT record; others are not counted. The oldest count, so a new object never
    /// displaces one that is being looked up.
    pub fn is_beyond_open_limit(
        &self,
        (key, tenant): (&Key, &Tenant),
        limit: usize,
        needs_challenge: impl Fn(&Domain) -> bool,
    ) -> bool {
        let objects = &self.domains.objects;
        let Some(mine) = objects.get(key) else { return false };
        let group = self.namespaces.group(&key.0);
        let entries = self.namespaces.of_group(&group).flat_map(|namespace| objects.in_namespace(namespace));
        let older = entries.filter(|entry| (entry.created, &entry.uid) < (mine.created, &mine.uid));
        let open = older.filter(|entry| !self.is_of(&entry.subject, tenant) && needs_challenge(&entry.subject));
        open.take(limit).count() >= limit
    }

    /// Whether the tenant holds the domain or is releasing it.
    fn is_of(&self, domain: &Domain, tenant: &Tenant) -> bool {
        self.domains.claims.get(domain).is_some_and(|entry| {
            matches!(entry.state, State::Held | State::Releasing) && entry.tenant.as_ref() == Some(tenant)
        })
    }
}
