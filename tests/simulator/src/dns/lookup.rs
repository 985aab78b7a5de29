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
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Wanted {
    /// Easy DKIM: `<token>._domainkey.<domain>` is an alias of `<token>.<zone>`, for each token.
    Cnames { domain: String, tokens: Vec<String>, zone: String },
    /// The customer's own key: a TXT record with `p=` at `<selector>._domainkey.<domain>`.
    Key { domain: String, selector: String },
    /// A MAIL FROM domain: exactly one MX record, which names SES's host for feedback.
    Mx { domain: String },
}

/// What a look shows, and whether another one would show the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trail {
    /// The names it asked about.
    pub(crate) asked: Vec<String>,
    /// Another look may show something else although nothing changed there.
    pub(crate) inconclusive: bool,
}

impl Trail {
    /// SES's word for a failed look-up, by the descriptions of `VerificationError` in AWS's API reference.
    fn reason(&mut self, error: &NetError) -> VerificationError {
        match error {
            NetError::Dns(DnsError::NoRecordsFound(none)) => match none.response_code {
                ResponseCode::NoError => VerificationError::TypeNotFound,
                ResponseCode::NXDomain => VerificationError::HostNotFound,
                _ => VerificationError::DnsServerError,
            },
            NetError::Dns(_) => VerificationError::DnsServerError,
            _ => {
                // Next time there may be an answer.
                self.inconclusive = true;
                VerificationError::HostNotFound
            }
        }
    }
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
        // One retry: a busy machine may lose a packet, and a lost packet is no vanished record.
        options.attempts = 1;
        options.cache_size = 0;
        options.positive_max_ttl = Some(Duration::ZERO);
        options.negative_max_ttl = Some(Duration::ZERO);
        options.use_hosts_file = ResolveHosts::Never;
        options.max_active_requests = 1024;
        Ok(Self(builder.build()?))
    }

    /// One look.
    pub(crate) async fn look(&self, wanted: &Wanted) -> (Observation, Trail) {
        let mut trail = Trail::default();
        let (Wanted::Cnames { domain, .. } | Wanted::Key { domain, .. } | Wanted::Mx { domain }) = wanted;
        trail.asked.push(domain.clone());
        let finding = async {
            match wanted {
                Wanted::Cnames { domain, tokens, zone } => self.cnames(domain, tokens, zone, &mut trail).await,
                Wanted::Key { domain, selector } => self.key(domain, selector, &mut trail).await,
                Wanted::Mx { domain } => self.mx(domain, &mut trail).await,
            }
        };
        // SES shows the zone of an identity, not that of its MAIL FROM domain.
        let soa = async {
            match wanted {
                Wanted::Mx { .. } => None,
                Wanted::Cnames { .. } | Wanted::Key { .. } => self.soa(domain).await,
            }
        };
        let (finding, soa) = tokio::join!(finding, soa);
        (Observation { finding, soa }, trail)
    }

    async fn cnames(
        &self,
        domain: &str,
        tokens: &[String],
        zone: &str,
        trail: &mut Trail,
    ) -> Result<(), VerificationError> {
        for token in tokens {
            self.cname(&format!("{token}._domainkey.{domain}"), &format!("{token}.{zone}"), trail).await?;
        }
        Ok(())
    }

    async fn cname(&self, name: &str, target: &str, trail: &mut Trail) -> Result<(), VerificationError> {
        let target = absolute(target).map_err(|_| VerificationError::InvalidValue)?;
        let mut name = absolute(name).map_err(|_| VerificationError::HostNotFound)?;
        for step in 0..CHAIN {
            trail.asked.extend(normal(&name.to_ascii()));
            let next = match self.0.lookup(name.clone(), RecordType::CNAME).await {
                Ok(lookup) => lookup.answers().iter().find_map(|record| match &record.data {
                    RData::CNAME(cname) => Some(cname.0.clone()),
                    _ => None,
                }),
                // The first alias is there, so an end of the chain elsewhere is a wrong value.
                Err(error) => match trail.reason(&error) {
                    _ if step > 0 => None,
                    reason => return Err(reason),
                },
            };
            name = match next {
                Some(next) if next == target => return Ok(()),
                Some(next) => next,
                None => return Err(VerificationError::InvalidValue),
            };
        }
        Err(VerificationError::InvalidValue)
    }

    async fn key(&self, domain: &str, selector: &str, trail: &mut Trail) -> Result<(), VerificationError> {
        // The server follows aliases by itself; where they lead is not seen here.
        trail.inconclusive = true;
        let name = absolute(&format!("{selector}._domainkey.{domain}")).map_err(|_| VerificationError::HostNotFound)?;
        let lookup = self.0.lookup(name, RecordType::TXT).await.map_err(|error| trail.reason(&error))?;
        let has_key = lookup.answers().iter().any(|record| match &record.data {
            RData::TXT(txt) => txt.txt_data.concat().windows(2).any(|pair| pair == b"p="),
            _ => false,
        });
        if has_key { Ok(()) } else { Err(VerificationError::InvalidValue) }
    }

    async fn mx(&self, domain: &str, trail: &mut Trail) -> Result<(), VerificationError> {
        let name = absolute(domain).map_err(|_| VerificationError::HostNotFound)?;
        let lookup = self.0.lookup(name, RecordType::MX).await;
        let lookup = lookup.map_err(|error| trail.reason(&error))?;
        let mut hosts = Vec::new();
        for record in lookup.answers() {
            match &record.data {
                RData::MX(mx) => hosts.push(mx.exchange.to_ascii()),
                RData::CNAME(cname) => trail.asked.extend(normal(&cname.0.to_ascii())),
                _ => {}
            }
        }
        match hosts.as_slice() {
            [host] if feedback_host(host) => Ok(()),
            _ => Err(VerificationError::InvalidValue),
        }
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

/// SES's host for feedback in any region: one MAIL FROM domain may serve several regions with the record of one of them
/// (AWS SES Developer Guide, "Regions and Amazon SES").
fn feedback_host(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let region = name.strip_prefix("feedback-smtp.").and_then(|rest| rest.strip_suffix(".amazonses.com"));
    region.is_some_and(|region| !region.contains('.'))
}

fn seen(soa: &SOA) -> SoaSeen {
    let text = |name: &hickory_proto::rr::Name| name.to_ascii().trim_end_matches('.').to_owned();
    SoaSeen { primary_name_server: text(&soa.mname), admin_email: text(&soa.rname), serial_number: soa.serial }
}
