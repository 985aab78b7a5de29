//! A compact index of the watched state: the objects that claim each subject, the claims, and the labels of namespaces.
//!
//! It only decides *what to reconcile*. A reconcile reads the objects themselves, so a late watch causes a delay, never
//! a wrong decision.

mod affected;
mod changes;
mod claims;
mod core;
mod entries;
mod foreign;
mod namespaces;
mod objects;
mod open_domains;
mod place;
mod reads;
#[cfg(test)]
mod tests;

pub use self::{
    affected::AffectedSubjects,
    changes::{ListedClaims, ObservedClaim},
    core::{Index, Indexed},
    entries::{ClaimEntry, Claimable, DomainDetails, ObjectEntry},
    open_domains::Age,
};
