//! Tenants and associations by hand, as somebody with the AWS console makes and unmakes them.

use super::{Handle, NoSuch};
use crate::state::{Account, Resource, TenantPatch, TenantView};

impl Handle {
    /// All tenants, by name.
    pub fn tenants(&self) -> Vec<TenantView> {
        let account = &self.world.state().account;
        account.tenants.values().map(|tenant| account.tenant_view(tenant)).collect()
    }

    /// One tenant.
    pub fn tenant(&self, name: &str) -> Option<TenantView> {
        let account = &self.world.state().account;
        account.tenants.get(name).map(|tenant| account.tenant_view(tenant))
    }

    /// Creates a tenant, or changes the one that is there.
    pub fn put_tenant(&self, name: &str, patch: TenantPatch) {
        let mut state = self.world.state();
        let now = state.clock.now();
        if !state.account.tenants.contains_key(name) {
            state.account.insert_tenant(name, now);
        }
        if let Some(tenant) = state.account.tenants.get_mut(name) {
            tenant.tags = patch.tags.unwrap_or_else(|| std::mem::take(&mut tenant.tags));
            tenant.sending_status = patch.sending_status.unwrap_or(tenant.sending_status);
        }
    }

    /// Deletes a tenant and its associations; `false` when there is none of that name.
    pub fn remove_tenant(&self, name: &str) -> bool {
        self.world.state().account.tenants.remove(name).is_some()
    }

    /// Associates a resource with a tenant: an ARN, the name of an identity, or `configuration-set/NAME`. One that is
    /// associated stays so.
    ///
    /// # Errors
    /// There is no such tenant or no such resource.
    pub fn associate(&self, tenant: &str, resource: &str) -> Result<(), NoSuch> {
        let mut state = self.world.state();
        let now = state.clock.now();
        let found = found(&state.account, resource)?;
        let tenant = state.account.tenants.get_mut(tenant).ok_or_else(|| NoSuch::Tenant(tenant.to_owned()))?;
        tenant.resources.entry(found).or_insert(now);
        Ok(())
    }

    /// Ends an association; `false` when there was none.
    ///
    /// # Errors
    /// There is no such tenant or no such resource.
    pub fn disassociate(&self, tenant: &str, resource: &str) -> Result<bool, NoSuch> {
        let account = &mut self.world.state().account;
        let found = found(account, resource)?;
        let tenant = account.tenants.get_mut(tenant).ok_or_else(|| NoSuch::Tenant(tenant.to_owned()))?;
        Ok(tenant.resources.remove(&found).is_some())
    }

    /// The ARN of an identity or of `configuration-set/NAME`, whether there is one or not.
    pub fn arn(&self, resource: &str) -> String {
        let account = &self.world.state().account;
        account.resource_arn(&account.resource_named(resource))
    }
}

fn found(account: &Account, text: &str) -> Result<Resource, NoSuch> {
    let resource = account.resource_named(text);
    if account.has(&resource) { Ok(resource) } else { Err(NoSuch::Resource(text.to_owned())) }
}
