//! What the watches have delivered, in as few bytes as possible: the objects that claim each subject, the claims, and
//! the labels of namespaces.
//!
//! It says *what to look at*, never what is true: a reconcile reads the objects themselves. So a late watch costs a
//! delay and never a wrong decision.

mod changes;
mod claims;
mod core;
mod entries;
mod foreign;
mod namespaces;
mod objects;
mod place;
mod reads;
#[cfg(test)]
mod tests;
mod woken;

pub use self::{
    changes::{Listed, ObservedClaim},
    core::{Index, Indexed},
    entries::{ClaimEntry, Claimable, DomainFacts, ObjectEntry},
    woken::Woken,
};
