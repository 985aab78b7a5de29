//! The pages where the owner of a mailbox answers, served by every replica.
//!
//! Opening a page changes nothing, however often a mail scanner does it. A button changes the claim by one
//! compare-and-swap, and the page confirms it only after that write. An invalid link costs no read at the API server.

pub mod client;
pub mod cluster_page_store;
mod confirm;
pub mod event;
mod guard;
mod link_request;
pub mod logo;
pub mod page_store;
mod pages;
pub mod rate_limit;
mod routes;
mod site;
pub mod view;
pub mod words;

pub use self::{
    event::{PageAction, PageEvent, PageOutcome},
    logo::{Logo, LogoError},
    page_store::{PageStore, RequestDetails},
    routes::router,
    site::{Listener, Site, WebError, WebSettings},
};

#[cfg(test)]
mod answer_tests;
#[cfg(test)]
mod guard_tests;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod show_tests;
