//! Settings: each is a flag and an environment variable (`SENDER_OPERATOR_…`), parsed once.

#![allow(clippy::doc_markdown, reason = "the doc comments are the text of --help, which has no Markdown")]

mod config;
mod error;
mod mail;
mod rights;
mod values;

use std::{net::SocketAddr, time::Duration};

use clap::Parser;

use self::values::{duration, environment, interval, lease_duration, namespace, owner_id, rate};
pub use self::{
    error::Inconsistent,
    mail::MailSettings,
    rights::{ProofSetting, Rights},
};
use crate::{
    cluster::{operator_secret::random_id, scope::Scope},
    serve::telemetry::LogFormat,
};

/// Kubernetes operator that gives each tenant its own sender domains and addresses on one shared Amazon SES account.
///
/// AWS credentials, region and endpoints come from the default provider chain of the AWS SDK (AWS_REGION, AWS_PROFILE,
/// IRSA, Pod Identity, …). The connection to the cluster comes from KUBECONFIG or from the service account of the pod.
/// Durations are written as 30s, 15m or 24h.
#[derive(Clone, Debug, Parser)]
#[command(version)]
pub struct Settings {
    /// Name of the environment: one label of a-z, 0-9 and hyphens, at most 40 characters. The operator serves
    /// namespaces whose label sender-operator.io/environment has this value. The environment "default" also serves
    /// namespaces without that label.
    #[arg(long, env = "SENDER_OPERATOR_ENVIRONMENT", default_value = "default", value_parser = environment)]
    pub environment: String,

    /// Comma-separated namespaces to serve. They do not need to exist yet. Resources in other namespaces are ignored,
    /// as if they had been deleted. Default: all.
    #[arg(long, env = "SENDER_OPERATOR_WATCH_NAMESPACES", value_delimiter = ',', value_parser = namespace)]
    pub watch_namespaces: Vec<String>,

    /// Namespace of the operator's own Secret.
    #[arg(long, env = "SENDER_OPERATOR_NAMESPACE", default_value = "sender-operator")]
    pub namespace: String,

    /// Name of the operator's own Secret, with the owner id and the keys. It is created on first startup.
    #[arg(long, env = "SENDER_OPERATOR_SECRET", default_value = "sender-operator")]
    pub secret: String,

    /// Owner id in the tags of SES identities: 1 to 64 characters of a-z, 0-9 and hyphens. Default: random, kept in the
    /// Secret.
    #[arg(long, env = "SENDER_OPERATOR_OWNER_ID", value_parser = owner_id)]
    pub owner_id: Option<String>,

    /// Name of this process in the leader election; in a cluster, the name of the pod. It must be unique among running
    /// processes. A leader that restarts with the same name immediately becomes the leader again. Default: host name
    /// and a random suffix.
    #[arg(long, env = "SENDER_OPERATOR_IDENTITY", default_value_t = random_identity())]
    pub identity: String,

    /// Leader lease duration: how long standbys wait after the leader disappears. At least 15s.
    #[arg(long, env = "SENDER_OPERATOR_LEASE_DURATION", default_value = "15s", value_parser = lease_duration)]
    pub lease_duration: Duration,

    /// Listen address for probes and metrics.
    #[arg(long, env = "SENDER_OPERATOR_LISTEN", default_value = "0.0.0.0:8080")]
    pub listen: SocketAddr,

    /// Format of log lines.
    #[arg(long, env = "SENDER_OPERATOR_LOG_FORMAT", value_enum, default_value = "json")]
    pub log_format: LogFormat,

    /// Log filter, such as info,sender_operator=debug.
    #[arg(long, env = "SENDER_OPERATOR_LOG", default_value = "info")]
    pub log: String,

    /// Comma-separated DNS resolvers, as address:port. All are queried. Default: the resolvers of the system.
    #[arg(long, env = "SENDER_OPERATOR_DNS_RESOLVERS", value_delimiter = ',')]
    pub dns_resolvers: Vec<SocketAddr>,

    /// Maximum number of SES management calls per second. SES allows 1 per account and region, across all clients.
    #[arg(long, env = "SENDER_OPERATOR_SES_RATE", default_value = "1", value_parser = rate)]
    pub ses_rate: f64,

    /// Timeout of one AWS call. At most two thirds of --lease-duration, so that no call outlasts the lease.
    #[arg(long, env = "SENDER_OPERATOR_SES_TIMEOUT", default_value = "10s", value_parser = interval)]
    pub ses_timeout: Duration,

    /// How long the SES identity of a deleted SenderDomain is kept. A resource that is reapplied within this time keeps
    /// everything.
    #[arg(long, env = "SENDER_OPERATOR_RELEASE_DELAY", default_value = "15m", value_parser = duration)]
    pub release_delay: Duration,

    /// How long the released claim on an address, or on a domain that was never proven, is kept. Claims on domains that
    /// were held by a proof are kept for good.
    #[arg(long, env = "SENDER_OPERATOR_CLAIM_RETENTION", default_value = "720h", value_parser = duration)]
    pub claim_retention: Duration,

    /// Interval between checks while a domain is not Ready.
    #[arg(long, env = "SENDER_OPERATOR_POLL_INTERVAL", default_value = "15s", value_parser = interval)]
    pub poll_interval: Duration,

    /// Interval between DNS lookups for a Ready domain.
    #[arg(long, env = "SENDER_OPERATOR_RECHECK_INTERVAL", default_value = "10m", value_parser = interval)]
    pub recheck_interval: Duration,

    /// Interval between sweeps. A sweep lists all SES identities to detect changes in SES, at one call per 1,000
    /// identities.
    #[arg(long, env = "SENDER_OPERATOR_SWEEP_INTERVAL", default_value = "5m", value_parser = interval)]
    pub sweep_interval: Duration,

    /// Interval between full reads of each SES identity. A full read detects changes that a sweep does not show, such
    /// as disabled DKIM signing, at one call per identity.
    #[arg(long, env = "SENDER_OPERATOR_REFRESH_INTERVAL", default_value = "6h", value_parser = interval)]
    pub refresh_interval: Duration,

    /// Settings of proofs.
    #[command(flatten)]
    pub rights: Rights,

    /// Settings of confirmations.
    #[command(flatten)]
    pub mail: MailSettings,

    /// Maximum number of SES identities created per tenant in one hour.
    #[arg(long, env = "SENDER_OPERATOR_CREATIONS_PER_TENANT", default_value = "200", value_parser = clap::value_parser!(u32).range(1..))]
    pub creations_per_tenant: u32,

    /// Number of domains that are reconciled concurrently. The same number applies to addresses.
    #[arg(long, env = "SENDER_OPERATOR_WORKERS", default_value = "4", value_parser = clap::value_parser!(u8).range(1..=64))]
    pub workers: u8,

    /// Dry run: show the plan in status and events, and write neither to SES nor to claims.
    #[arg(long, env = "SENDER_OPERATOR_DRY_RUN")]
    pub dry_run: bool,
}

impl Settings {
    /// The namespaces whose resources are served.
    pub fn scope(&self) -> Scope {
        Scope::of(&self.watch_namespaces)
    }

    /// Rejects combinations of settings that contradict each other.
    pub fn check(&self) -> Result<(), Inconsistent> {
        if self.ses_timeout * 3 > self.lease_duration * 2 {
            return Err(Inconsistent::SesTimeout);
        }
        Ok(())
    }
}

fn random_identity() -> String {
    let host = std::env::var("HOSTNAME").unwrap_or_else(|_| "sender-operator".to_owned());
    format!("{host}-{}", random_id())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parse(flags: &[&str]) -> Result<Settings, clap::Error> {
        Settings::try_parse_from([&["sender-operator"], flags].concat())
    }

    #[test]
    fn every_setting_is_a_flag_and_a_variable_with_help() {
        for arg in Settings::command().get_arguments().filter(|arg| arg.get_id() != "help" && arg.get_id() != "version")
        {
            let flag = arg.get_long().unwrap();
            let variable = arg.get_env().unwrap().to_str().unwrap();
            let expected = format!("SENDER_OPERATOR_{}", flag.to_uppercase().replace('-', "_"));
            assert_eq!(variable, expected);
            assert!(arg.get_help().is_some(), "{flag}");
        }
    }

    #[test]
    fn defaults_are_those_of_production() {
        let settings = parse(&[]).unwrap();
        assert_eq!(settings.environment, "default");
        assert_eq!(settings.release_delay, Duration::from_mins(15));
        assert!((settings.ses_rate - 1.0).abs() < f64::EPSILON && !settings.dry_run);
    }

    #[test]
    fn no_call_to_aws_outlasts_the_lease() {
        let check = |flags: &[&str]| parse(flags).unwrap().check();
        assert_eq!(check(&[]), Ok(()));
        assert_eq!(check(&["--ses-timeout=11s"]), Err(Inconsistent::SesTimeout));
        assert_eq!(check(&["--ses-timeout=20s", "--lease-duration=30s"]), Ok(()));
    }

    #[test]
    fn two_processes_of_one_host_have_two_names() {
        assert_ne!(random_identity(), random_identity());
    }

    #[test]
    fn bad_values_are_refused_with_what_to_write() {
        for (flag, value, say) in [
            ("--environment", "Prod", "one label"),
            ("--environment", "a.b", "one label"),
            ("--environment", "-a", "one label"),
            ("--watch-namespaces", "acme,Zenith", "names of namespaces"),
            ("--watch-namespaces", "acme, zenith", "names of namespaces"),
            ("--watch-namespaces", "", "names of namespaces"),
            ("--owner-id", "A", "1 to 64"),
            ("--ses-rate", "0", "between"),
            ("--ses-rate", "NaN", "between"),
            ("--release-delay", "15 minutes or so", "such as"),
            ("--release-delay", "-1m", "such as"),
            ("--poll-interval", "0s", "100ms"),
            ("--ses-timeout", "0s", "100ms"),
            ("--lease-duration", "14s", "15s"),
            ("--workers", "0", "1..=64"),
            ("--confirmation-sender", "Acme <a@example.com>", "such as sales@example.com"),
            ("--confirmation-sender-name", "a\nb", "one line"),
            ("--confirmation-configuration-set", "a b", "letters"),
            ("--public-url", "mail.example.com", "https://"),
            ("--public-url", "https://mail.example.com/?a", "https://"),
            ("--public-url", "https://", "https://"),
            ("--language", "fr", "en, de"),
            ("--mails-per-address", "31", "1..=30"),
            ("--mails-per-tenant", "0", "1.."),
            ("--trusted-proxies", "17", "0..=16"),
            ("--confirmation-code", "maybe", "true"),
            ("--dns-resolvers", "dns.example", "invalid"),
        ] {
            let error = parse(&[&format!("{flag}={value}")]).unwrap_err().to_string();
            assert!(error.contains(say), "{flag}={value}: {error}");
        }
    }
}
