//! The chart as Helm renders it, and as a real API server takes it: `make chart`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod helm;
mod objects;
mod reach;
mod refused;
mod releases;
mod schemas;
mod server;
mod sets;
