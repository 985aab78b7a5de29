//! The custom resources of group `sender-operator.io`, as users, administrators and the operator see them.

#![warn(missing_docs)]

pub mod address;
mod address_rule;
pub mod claim;
pub mod conditions;
pub mod crds;
pub mod domain;
mod domain_rule;
pub mod reasons;

pub use address::{SenderAddress, SenderAddressSpec, SenderAddressStatus};
pub use claim::{SenderClaim, SenderClaimSpec};
pub use domain::{SenderDomain, SenderDomainSpec, SenderDomainStatus};

/// API group of all kinds.
pub const GROUP: &str = "sender-operator.io";
/// The version all kinds are served in. It only ever grows: later versions keep this schema.
pub const VERSION: &str = "v1alpha1";
/// Field manager of everything the operator applies.
pub const FIELD_MANAGER: &str = "sender-operator";
