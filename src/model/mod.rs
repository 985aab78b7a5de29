//! The pure core: names, tenants, claims, ownership, required DNS records, confirmations.
//!
//! Nothing here reads a clock, a socket or a file, or imports another part of the operator. So every rule can be read,
//! and tested as a table, on its own.

#![warn(missing_docs)]

pub mod address;
pub mod admin_annotations;
pub mod backoff;
pub mod challenge;
pub mod claim;
pub mod confirmation;
pub mod coverage;
pub mod creation_limit;
pub mod deletion_guard;
pub mod error_class;
pub mod holder;
pub mod link;
pub mod name;
pub mod ownership;
pub mod proof;
pub mod proof_policy;
pub mod records;
pub mod scheduling;
pub mod suffix;
pub mod tenant;
