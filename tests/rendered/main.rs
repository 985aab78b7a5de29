//! The chart as rendered by Helm and accepted by a real API server: `make chart`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod helm;
mod objects;
mod reach;
mod refused;
mod releases;
mod schemas;
mod server;
mod sets;
