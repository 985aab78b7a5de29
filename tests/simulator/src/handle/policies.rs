//! Policies of identities by hand, as somebody with the AWS console writes them.

use super::{Handle, NoSuch};

impl Handle {
    /// Gives an identity a policy, whatever it says; one of the name is replaced.
    ///
    /// # Errors
    /// There is no such identity.
    pub fn put_policy(&self, identity: &str, name: &str, policy: &str) -> Result<(), NoSuch> {
        let account = &mut self.world.state().account;
        let found = account.identity_mut(identity).ok_or_else(|| NoSuch::Identity(identity.to_owned()))?;
        found.policies.insert(name.to_owned(), policy.to_owned());
        Ok(())
    }

    /// Takes a policy away; `false` when there was none of the name.
    ///
    /// # Errors
    /// There is no such identity.
    pub fn remove_policy(&self, identity: &str, name: &str) -> Result<bool, NoSuch> {
        let account = &mut self.world.state().account;
        let found = account.identity_mut(identity).ok_or_else(|| NoSuch::Identity(identity.to_owned()))?;
        Ok(found.policies.remove(name).is_some())
    }
}
