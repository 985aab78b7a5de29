//! `ses-simulator`: the simulator as a program.

use std::io::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use clap::Parser;
use ses_simulator::{Options, Simulator};
use tokio::signal::unix::{SignalKind, signal};

/// Amazon SES, STS, the world's DNS and everybody's mailbox on loopback.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Where SES, STS, the control API and the page listen (port 0: any free one).
    #[arg(long, default_value = "127.0.0.1:4579")]
    listen: SocketAddr,
    /// Where DNS listens, UDP and TCP (port 0: any free one).
    #[arg(long, default_value = "127.0.0.1:5353")]
    dns: SocketAddr,
    /// AWS account id.
    #[arg(long, default_value = "123456789012")]
    account: String,
    /// AWS region.
    #[arg(long, default_value = "eu-central-1")]
    region: String,
    /// SES management calls per second for all clients together, or `off`.
    #[arg(long, default_value = "1", value_parser = rate)]
    rate: Rate,
    /// Interval of SES's DNS checks, in seconds.
    #[arg(long, default_value_t = 1.0)]
    check_interval: f64,
    /// Time to live of DNS records, in seconds.
    #[arg(long, default_value_t = 1)]
    ttl: u32,
}

/// Calls per second; `None` is off.
#[derive(Debug, Clone, Copy)]
struct Rate(Option<f64>);

fn rate(text: &str) -> Result<Rate, String> {
    match (text, text.parse::<f64>()) {
        ("off", _) => Ok(Rate(None)),
        (_, Ok(rate)) if rate.is_finite() && rate >= 0.0 => Ok(Rate(Some(rate))),
        _ => Err("write a number of calls per second, or off".to_owned()),
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_env_filter(tracing_subscriber::EnvFilter::from_default_env()).init();
    let arguments = Arguments::parse();
    // Before any output: a reader of it may stop the program at once.
    let (mut interrupted, mut terminated) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let simulator = Simulator::start(Options {
        listen: arguments.listen,
        dns: arguments.dns,
        account: arguments.account,
        region: arguments.region,
        rate: arguments.rate.0,
        check_interval: Duration::try_from_secs_f64(arguments.check_interval).context("--check-interval")?,
        ttl: arguments.ttl,
        ..Options::default()
    })
    .await?;
    std::io::stdout().write_all(welcome(&simulator).as_bytes())?;
    tokio::select! {
        _ = interrupted.recv() => {}
        _ = terminated.recv() => {}
    }
    Ok(())
}

fn welcome(simulator: &Simulator) -> String {
    let (url, dns) = (simulator.url(), simulator.dns());
    format!(
        "\
Amazon SES on loopback

  page      {url}/
  mailbox   {url}/mail
  control   {url}/control
  DNS       {dns} (UDP and TCP)

Point any AWS SDK or the AWS CLI at it:

  export AWS_ENDPOINT_URL_SESV2={url} AWS_ENDPOINT_URL_STS={url}
  export AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any AWS_REGION={region}

Publish the DKIM records of a domain, set any other record, and let three days pass:

  curl -X PUT {url}/control/identities/acme.example/dkim-records
  curl -X PUT -d 'v=spf1 -all' {url}/control/zone/acme.example/TXT
  curl -d 72h {url}/control/clock/advance

Ctrl-C stops it.
",
        region = simulator.account().region
    )
}
