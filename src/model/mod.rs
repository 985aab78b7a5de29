//! The pure core: names, tenants, claims, who may own what, which DNS records are needed, who has confirmed what.
//!
//! Nothing here reads a clock, a socket or a file, and nothing here imports another part of the operator: every rule
//! can be read, and tested as a table, by itself.

pub mod address;
pub mod backoff;
pub mod challenge;
pub mod claim;
pub mod confirmation;
pub mod coverage;
pub mod creations;
pub mod holder;
pub mod link;
pub mod name;
pub mod orders;
pub mod ownership;
pub mod policy;
pub mod proof;
pub mod records;
pub mod release;
pub mod scheduling;
pub mod suffix;
pub mod tenant;
pub mod trouble;
