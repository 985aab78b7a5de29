//! Policies of identities by hand, as somebody with the AWS console writes them.

use super::Handle;
use crate::core::NoSuch;

impl Handle {
    /// Gives an identity a policy, whatever it says; one of the name is replaced.
    pub fn put_policy(&self, identity: &str, name: &str, policy: &str) -> Result<(), NoSuch> {
        self.backend.state().ses.put_policy(identity, name, policy)
    }

    /// Takes a policy away; `false` when there was none of the name.
    pub fn remove_policy(&self, identity: &str, name: &str) -> Result<bool, NoSuch> {
        self.backend.state().ses.remove_policy(identity, name)
    }
}
