//! Logs.

use std::io::IsTerminal;

use clap::ValueEnum;
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// One JSON object per line.
    Json,
    /// Text for people, in colors on a terminal.
    Human,
}

/// The log filter can't be read.
#[derive(Debug, thiserror::Error)]
#[error("the log filter {filter:?} is invalid: {source}; use, for example, info,sender_operator=debug")]
pub struct BadFilter {
    filter: String,
    source: tracing_subscriber::filter::ParseError,
}

/// Sends log lines to standard error.
pub fn start(format: LogFormat, filter: &str) -> Result<(), BadFilter> {
    let parsed = EnvFilter::try_new(filter).map_err(|source| BadFilter { filter: filter.to_owned(), source })?;
    let registry = tracing_subscriber::registry().with(parsed);
    let lines = fmt::layer().with_writer(std::io::stderr);
    match format {
        LogFormat::Json => registry.with(lines.json().flatten_event(true)).init(),
        LogFormat::Human => registry.with(lines.with_ansi(std::io::stderr().is_terminal())).init(),
    }
    Ok(())
}
