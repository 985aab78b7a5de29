//! What the process says of itself: health, metrics, logs.

pub mod health;
mod mail_metrics;
pub mod metrics;
pub mod server;
pub mod telemetry;
