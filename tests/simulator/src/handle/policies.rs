//! Manual changes of identity policies, as in the AWS console.

use super::Handle;
use crate::core::NoSuch;

impl Handle {
    /// Adds a policy to an identity without a check of its content, and replaces one with this name.
    pub fn put_policy(&self, identity: &str, name: &str, policy: &str) -> Result<(), NoSuch> {
        self.backend.state().ses.put_policy(identity, name, policy)
    }

    /// Removes a policy; `false` if it does not exist.
    pub fn remove_policy(&self, identity: &str, name: &str) -> Result<bool, NoSuch> {
        self.backend.state().ses.remove_policy(identity, name)
    }
}
