//! Leader election: one process of a release writes, the others stand by.

mod election;
mod kube_lease;
mod lease;
mod term;

pub use self::{
    election::Times,
    kube_lease::KubeLease,
    lease::Election,
    term::{Leadership, NotLeading, Term},
};
