//! Manual changes of tenants and associations, as in the AWS console.

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

    /// Creates or changes a tenant.
    pub fn put_tenant(&self, name: &str, patch: TenantPatch) {
        self.by_hand(|state, now| state.ses.put_tenant(name, patch, now));
    }

    /// Deletes a tenant and its associations; `false` if it does not exist.
    pub fn remove_tenant(&self, name: &str) -> bool {
        self.backend.state().ses.remove_tenant(name)
    }

    /// Associates a resource with a tenant: an ARN, the name of an identity, or `configuration-set/NAME`. This is
    /// idempotent.
    pub fn associate(&self, tenant: &str, resource: &str) -> Result<(), NoSuch> {
        self.by_hand(|state, now| state.ses.associate(tenant, resource, now))
    }

    /// Ends an association; `false` if there was none.
    pub fn disassociate(&self, tenant: &str, resource: &str) -> Result<bool, NoSuch> {
        self.backend.state().ses.disassociate(tenant, resource)
    }

    /// The ARN of an identity or of `configuration-set/NAME`, even if it does not exist.
    pub fn arn(&self, resource: &str) -> String {
        self.backend.state().ses.arn(resource)
    }
}
