//! Kubernetes operator for email sender domains and addresses on Amazon SES.
//!
//! Imports run one way: [`model`] ← [`api`] ← [`ses`], [`dns`], [`cluster`], [`mail`] ← [`controller`], [`web`] ←
//! `main`.

pub mod api;
pub mod clock;
pub mod cluster;
pub mod controller;
pub mod dns;
pub mod mail;
pub mod model;
pub mod serve;
pub mod ses;
pub mod settings;
pub mod web;
