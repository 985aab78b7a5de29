//! What the process says of itself: health, metrics, logs.

pub mod connections;
pub mod health;
pub mod metrics;
pub mod server;
pub mod telemetry;
