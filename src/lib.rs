//! Kubernetes operator for e-mail sender domains on Amazon SES.

pub mod api;
pub mod clock;
pub mod cluster;
pub mod dns;
pub mod model;
pub mod ses;
