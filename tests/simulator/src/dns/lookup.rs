//! What SES sees when it looks at DNS: real look-ups over the wire.

use std::net::SocketAddr;
use std::time::Duration;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::rdata::SOA;
use hickory_proto::rr::{RData, RecordType};
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::{Resolver, TokioResolver};

use super::record::{absolute, normal};
use crate::state::{Observation, SoaSeen, VerificationError};

/// Steps of a CNAME chain SES follows (assumption: it follows one).
const CHAIN: usize = 8;

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Easy DKIM: `<token>._domainkey.<domain>` is an alias of `<token>.<zone>`, for each token.
    Cnames { domain: String, tokens: Vec<String>, zone: String },
    /// The customer's own key: a TXT record with `p=` at `<selector>._domainkey.<domain>`.
    Key { domain: String, selector: String },
}

/// SES's resolver.
pub(crate) struct Lookups(TokioResolver);

impl Lookups {
    /// A resolver that asks this server only and keeps nothing.
    pub(crate) fn new(server: SocketAddr, timeout: Duration) -> anyhow::Result<Self> {
        let (mut udp, mut tcp) = (ConnectionConfig::udp(), ConnectionConfig::tcp());
        (udp.port, tcp.port) = (server.port(), server.port());
        let config = ResolverConfig::from_name_servers(vec![NameServerConfig::new(server.ip(), true, vec![udp, tcp])]);
        let mut builder = Resolver::builder_with_config(config, TokioRuntimeProvider::default());
        let options = builder.options_mut();
        options.timeout = timeout;
        options.attempts = 0;
        options.cache_size = 0;
        options.positive_max_ttl = Some(Duration::ZERO);
        options.negative_max_ttl = Some(Duration::ZERO);
        options.use_hosts_file = ResolveHosts::Never;
        options.max_active_requests = 1024;
        Ok(Self(builder.build()?))
    }

    /// One look, and the names it asked about.
    pub(crate) async fn look(&self, wanted: &Wanted) -> (Observation, Vec<String>) {
        let mut asked = Vec::new();
        let (finding, domain) = match wanted {
            Wanted::Cnames { domain, tokens, zone } => (self.cnames(domain, tokens, zone, &mut asked).await, domain),
            Wanted::Key { domain, selector } => (self.key(domain, selector).await, domain),
        };
        asked.push(domain.clone());
        (Observation { finding, soa: self.soa(domain).await }, asked)
    }

    async fn cnames(
        &self,
        domain: &str,
        tokens: &[String],
        zone: &str,
        asked: &mut Vec<String>,
    ) -> Result<(), VerificationError> {
        for token in tokens {
            self.cname(&format!("{token}._domainkey.{domain}"), &format!("{token}.{zone}"), asked).await?;
        }
        Ok(())
    }

    async fn cname(&self, name: &str, target: &str, asked: &mut Vec<String>) -> Result<(), VerificationError> {
        let target = absolute(target).map_err(|_| VerificationError::InvalidValue)?;
        let mut name = absolute(name).map_err(|_| VerificationError::HostNotFound)?;
        for step in 0..CHAIN {
            asked.extend(normal(&name.to_ascii()));
            let next = match self.0.lookup(name.clone(), RecordType::CNAME).await {
                Ok(lookup) => lookup.answers().iter().find_map(|record| match &record.data {
                    RData::CNAME(cname) => Some(cname.0.clone()),
                    _ => None,
                }),
                // The first alias is there, so an end of the chain elsewhere is a wrong value.
                Err(_) if step > 0 => None,
                Err(error) => return Err(reason(&error)),
            };
            name = match next {
                Some(next) if next == target => return Ok(()),
                Some(next) => next,
                None => return Err(VerificationError::InvalidValue),
            };
        }
        Err(VerificationError::InvalidValue)
    }

    async fn key(&self, domain: &str, selector: &str) -> Result<(), VerificationError> {
        let name = absolute(&format!("{selector}._domainkey.{domain}")).map_err(|_| VerificationError::HostNotFound)?;
        let lookup = self.0.lookup(name, RecordType::TXT).await.map_err(|error| reason(&error))?;
        let has_key = lookup.answers().iter().any(|record| match &record.data {
            RData::TXT(txt) => txt.txt_data.concat().windows(2).any(|pair| pair == b"p="),
            _ => false,
        });
        if has_key { Ok(()) } else { Err(VerificationError::InvalidValue) }
    }

    /// The SOA of the zone a domain is in, from the answer or from the authority section.
    async fn soa(&self, domain: &str) -> Option<SoaSeen> {
        match self.0.lookup(absolute(domain).ok()?, RecordType::SOA).await {
            Ok(lookup) => lookup.answers().iter().find_map(|record| match &record.data {
                RData::SOA(soa) => Some(seen(soa)),
                _ => None,
            }),
            Err(error) => error.into_soa().map(|record| seen(&record.data)),
        }
    }
}

fn seen(soa: &SOA) -> SoaSeen {
    let text = |name: &hickory_proto::rr::Name| name.to_ascii().trim_end_matches('.').to_owned();
    SoaSeen { primary_name_server: text(&soa.mname), admin_email: text(&soa.rname), serial_number: soa.serial }
}

/// SES's word for a failed look-up, by the descriptions of `VerificationError` in AWS's API reference.
fn reason(error: &NetError) -> VerificationError {
    match error {
        NetError::Dns(DnsError::NoRecordsFound(none)) => match none.response_code {
            ResponseCode::NoError => VerificationError::TypeNotFound,
            ResponseCode::NXDomain => VerificationError::HostNotFound,
            _ => VerificationError::DnsServerError,
        },
        NetError::Dns(_) => VerificationError::DnsServerError,
        _ => VerificationError::HostNotFound,
    }
}
