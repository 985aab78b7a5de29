//! Tenants and associations by hand, as somebody with the AWS console makes and unmakes them.

use super::Handle;
use crate::core::NoSuch;
use crate::core::account::{TenantPatch, TenantView};

impl Handle {
    pub fn tenants(&self) -> Vec<TenantView> {
        self.backend.state().ses.tenants().collect()
    }

    pub fn tenant(&self, name: &str) -> Option<TenantView> {
        self.backend.state().ses.tenant(name)
    }

    /// Creates a tenant, or changes the one that is there.
    pub fn put_tenant(&self, name: &str, patch: TenantPatch) {
        self.by_hand(|state, now| state.ses.put_tenant(name, patch, now));
    }

    /// Deletes a tenant and its associations; `false` when there is none of that name.
    pub fn remove_tenant(&self, name: &str) -> bool {
        self.backend.state().ses.remove_tenant(name)
    }

    /// Associates a resource with a tenant: an ARN, the name of an identity, or `configuration-set/NAME`. One that is
    /// associated stays so.
    pub fn associate(&self, tenant: &str, resource: &str) -> Result<(), NoSuch> {
        self.by_hand(|state, now| state.ses.associate(tenant, resource, now))
    }

    /// Ends an association; `false` when there was none.
    pub fn disassociate(&self, tenant: &str, resource: &str) -> Result<bool, NoSuch> {
        self.backend.state().ses.disassociate(tenant, resource)
    }

    /// The ARN of an identity or of `configuration-set/NAME`, whether there is one or not.
    pub fn arn(&self, resource: &str) -> String {
        self.backend.state().ses.arn(resource)
    }
}
