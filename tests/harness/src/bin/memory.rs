//! `make bench`: the operator's memory. `memory [OBJECTS]`; default: 100,000.

use anyhow::Context;
use sender_operator_harness::bench;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match std::env::args().nth(1).as_deref() {
        // This program starts itself as the store.
        Some("store") => bench::keep().await,
        Some(objects) => measure(objects.parse().context("write a number of objects")?).await,
        None => measure(100_000).await,
    }
}

async fn measure(objects: usize) -> anyhow::Result<()> {
    Box::pin(bench::memory(objects, &std::env::current_exe()?)).await
}
