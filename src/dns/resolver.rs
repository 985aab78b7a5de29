//! [`Dns`] over hickory-resolver: several resolvers in parallel, none of them trusted alone.

use std::{net::SocketAddr, time::Duration};

use async_trait::async_trait;
use futures::future::join_all;
use hickory_resolver::{
    TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts},
    net::{DnsError, NetError, runtime::TokioRuntimeProvider},
    proto::rr::{Name, RData, RecordType as WireType},
};

use super::Dns;
use crate::model::records::{DnsAnswer, Doubt, RecordType};

/// Timeout of one resolver, its one retry included.
const TIMEOUT: Duration = Duration::from_secs(4);

/// The resolvers could not be set up.
#[derive(Debug, thiserror::Error)]
#[error("the DNS resolvers could not be set up: {0}")]
pub struct SetupError(#[from] NetError);

/// Queries every configured resolver and uses the answer that they agree on.
#[derive(Clone, Debug)]
pub struct Resolvers {
    each: Vec<TokioResolver>,
}

impl Resolvers {
    /// `servers`: addresses and ports of recursive resolvers; an empty list selects the resolvers of the system.
    pub fn new(servers: &[SocketAddr]) -> Result<Self, SetupError> {
        let each = if servers.is_empty() {
            let mut builder = TokioResolver::builder_tokio()?;
            fresh(builder.options_mut());
            vec![builder.build()?]
        } else {
            servers.iter().map(|server| build_for(*server)).collect::<Result<_, NetError>>()?
        };
        Ok(Self { each })
    }
}

fn build_for(server: SocketAddr) -> Result<TokioResolver, NetError> {
    let mut connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
    for connection in &mut connections {
        connection.port = server.port();
    }
    let servers = vec![NameServerConfig::new(server.ip(), true, connections)];
    let config = ResolverConfig::from_parts(None, Vec::new(), servers);
    let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
    fresh(builder.options_mut());
    builder.build()
}

/// Disables the cache: a record that was just published must be visible in the next lookup.
fn fresh(options: &mut ResolverOpts) {
    options.cache_size = 0;
    options.attempts = 1;
    options.timeout = TIMEOUT / 2;
}

#[async_trait]
impl Dns for Resolvers {
    async fn look_up(&self, name: &str, record_type: RecordType) -> DnsAnswer {
        let Ok(name) = Name::from_ascii(format!("{name}.")) else { return DnsAnswer::NoName };
        let wire_type = match record_type {
            RecordType::Cname => WireType::CNAME,
            RecordType::Txt => WireType::TXT,
            RecordType::A => WireType::A,
        };
        let answers = self.each.iter().map(|resolver| ask(resolver, name.clone(), wire_type));
        agree(join_all(answers).await)
    }
}

async fn ask(resolver: &TokioResolver, name: Name, wire_type: WireType) -> DnsAnswer {
    match tokio::time::timeout(TIMEOUT, resolver.lookup(name, wire_type)).await {
        Err(_) => DnsAnswer::Unknown(Doubt::Timeout),
        Ok(Err(error)) => from_error(&error),
        Ok(Ok(found)) => {
            let records = found.answers().iter().filter(|record| record.record_type() == wire_type);
            let mut values: Vec<String> = records.map(|record| text(&record.data)).collect();
            values.sort();
            if values.is_empty() { DnsAnswer::NoRecord } else { DnsAnswer::Records(values) }
        }
    }
}

fn from_error(error: &NetError) -> DnsAnswer {
    match error {
        NetError::Dns(DnsError::NoRecordsFound(_)) if error.is_nx_domain() => DnsAnswer::NoName,
        NetError::Dns(DnsError::NoRecordsFound(_)) if error.is_no_records_found() => DnsAnswer::NoRecord,
        NetError::Timeout => DnsAnswer::Unknown(Doubt::Timeout),
        _ => DnsAnswer::Unknown(Doubt::ServerFailure),
    }
}

fn text(data: &RData) -> String {
    match data {
        // The strings of one record form one value (RFC 1035 §3.3.14, RFC 7208 §3.3).
        RData::TXT(txt) => String::from_utf8_lossy(&txt.txt_data.concat()).into_owned(),
        RData::CNAME(target) => target.0.to_ascii().trim_end_matches('.').to_owned(),
        other => other.to_string(),
    }
}

/// The common answer of the resolvers. An unusable answer is ignored if another resolver gives a usable one;
/// contradicting answers give Unknown.
fn agree(answers: Vec<DnsAnswer>) -> DnsAnswer {
    let mut doubt = Doubt::ServerFailure;
    let mut agreed: Option<DnsAnswer> = None;
    for answer in answers {
        match (&agreed, answer) {
            (_, DnsAnswer::Unknown(why)) => doubt = why,
            (None, certain) => agreed = Some(certain),
            (Some(DnsAnswer::NoName | DnsAnswer::NoRecord), DnsAnswer::NoName | DnsAnswer::NoRecord) => {}
            (Some(before), certain) if *before == certain => {}
            (Some(_), _) => return DnsAnswer::Unknown(Doubt::Disagreement),
        }
    }
    agreed.unwrap_or(DnsAnswer::Unknown(doubt))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_resolvers_agree_on_is_believed() {
        let a = || DnsAnswer::Records(vec!["a".into()]);
        let b = || DnsAnswer::Records(vec!["b".into()]);
        let timeout = || DnsAnswer::Unknown(Doubt::Timeout);
        for (case, answers, expected) in [
            ("one answer", vec![a()], a()),
            ("the same twice", vec![a(), a()], a()),
            ("two values", vec![a(), b()], DnsAnswer::Unknown(Doubt::Disagreement)),
            ("there and not there", vec![a(), DnsAnswer::NoName], DnsAnswer::Unknown(Doubt::Disagreement)),
            ("two kinds of absence", vec![DnsAnswer::NoName, DnsAnswer::NoRecord], DnsAnswer::NoName),
            ("a silent one is overruled", vec![timeout(), a()], a()),
            ("all silent", vec![timeout(), timeout()], timeout()),
            ("none asked", vec![], DnsAnswer::Unknown(Doubt::ServerFailure)),
        ] {
            assert_eq!(agree(answers), expected, "{case}");
        }
    }
}
