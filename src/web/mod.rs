//! The pages where the owner of a mailbox answers, served by every replica.
//!
//! Opening a page changes nothing, however often a mail scanner does it. A button changes the claim by one
//! compare-and-swap, and the page confirms it only after that write. An invalid link costs no read at the API server.

pub mod client;
mod confirm;
pub mod desk;
pub mod event;
mod guard;
pub mod logo;
mod pages;
pub mod rate;
mod routes;
pub mod server;
mod site;
pub mod store_desk;
pub mod view;
mod visit;
pub mod words;

pub use self::{
    desk::{Desk, Wish},
    event::{Action, Event, Outcome},
    logo::{Logo, LogoError},
    routes::router,
    site::{Listener, Site, WebError, WebSettings},
};

#[cfg(test)]
mod answering_tests;
#[cfg(test)]
mod guard_tests;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod showing_tests;
