//! SES's checks of DNS.

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::rdata::SOA;
use hickory_proto::rr::{RData, RecordType};

use super::answer::DnsReply;
use super::record::{absolute, normal};
use super::zone::Zone;
use crate::core::account::{SoaRecord, VerificationError};

/// Maximum length of a CNAME chain in SES (assumption: SES follows CNAMEs).
const CHAIN: usize = 8;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Easy DKIM: `<token>._domainkey.<domain>` is an alias of `<token>.<zone>`, for each token.
    Cnames { domain: String, tokens: Vec<String>, zone: String },
    /// The customer's own key: a TXT record with `p=` at `<selector>._domainkey.<domain>`.
    Key { domain: String, selector: String },
    /// A MAIL FROM domain: exactly one MX record, with SES's host for feedback.
    Mx { domain: String },
}

/// A completed check. As long as the zones in it do not change, another check would have the same result.
#[derive(Debug, Clone)]
pub struct Look {
    wanted: Wanted,
    zone_version: u32,
    /// The names in its questions.
    asked: Vec<String>,
    /// Success, or the first error.
    pub(crate) finding: Result<(), VerificationError>,
    /// The zone with the records. SES shows it for an identity, but not for its MAIL FROM domain.
    pub(crate) soa: Option<SoaRecord>,
}

impl Look {
    /// A check of the present zone: the last one again, if nothing can have changed for it.
    pub(crate) fn now(last: Option<Self>, wanted: Wanted, zone: &Zone) -> Self {
        let current = |look: &Self| look.wanted == wanted && !zone.changed_since(look.zone_version, &look.asked);
        match last.filter(current) {
            Some(look) => Self { zone_version: zone.version(), ..look },
            None => Self::made(wanted, zone),
        }
    }

    fn made(wanted: Wanted, zone: &Zone) -> Self {
        let (Wanted::Cnames { domain, .. } | Wanted::Key { domain, .. } | Wanted::Mx { domain }) = &wanted;
        let mut trail = Trail { zone, asked: vec![domain.clone()] };
        let (finding, soa) = match &wanted {
            Wanted::Cnames { domain, tokens, zone } => (trail.cnames(domain, tokens, zone), trail.soa(domain)),
            Wanted::Key { domain, selector } => (trail.key(domain, selector), trail.soa(domain)),
            Wanted::Mx { domain } => (trail.mx(domain), None),
        };
        Self { zone_version: zone.version(), asked: trail.asked, wanted, finding, soa }
    }
}

/// A zone, and the names in the questions so far.
struct Trail<'a> {
    zone: &'a Zone,
    asked: Vec<String>,
}

impl Trail<'_> {
    /// The records of one type. Aliases are followed, unless they are the requested type.
    fn ask(&mut self, name: &str, rtype: RecordType) -> Result<Vec<RData>, VerificationError> {
        let name = absolute(name).map_err(|_| VerificationError::HostNotFound)?;
        self.asked.extend(normal(&name.to_ascii()));
        let answer = self.zone.answer(&name, rtype).ok_or(VerificationError::HostNotFound)?;
        let mut found = Vec::new();
        for record in &answer.records {
            match &record.data {
                data if data.record_type() == rtype => found.push(data.clone()),
                data => self.asked.extend(alias(data)),
            }
        }
        if found.is_empty() { Err(reason(&answer)) } else { Ok(found) }
    }

    fn cnames(&mut self, domain: &str, tokens: &[String], zone: &str) -> Result<(), VerificationError> {
        tokens
            .iter()
            .try_for_each(|token| self.cname(&format!("{token}._domainkey.{domain}"), &format!("{token}.{zone}")))
    }

    fn cname(&mut self, name: &str, target: &str) -> Result<(), VerificationError> {
        let target = normal(target).map_err(|_| VerificationError::InvalidValue)?;
        let mut name = name.to_owned();
        for step in 0..CHAIN {
            let next = match self.ask(&name, RecordType::CNAME) {
                Ok(found) => found.into_iter().find_map(|data| alias(&data)),
                Err(reason) if step == 0 => return Err(reason),
                // The first alias exists, so a chain that ends elsewhere is a wrong value.
                Err(_) => None,
            };
            name = next.ok_or(VerificationError::InvalidValue)?;
            if name == target {
                return Ok(());
            }
        }
        Err(VerificationError::InvalidValue)
    }

    fn key(&mut self, domain: &str, selector: &str) -> Result<(), VerificationError> {
        let found = self.ask(&format!("{selector}._domainkey.{domain}"), RecordType::TXT)?;
        let has_key = |data: &RData| match data {
            RData::TXT(txt) => txt.txt_data.concat().windows(2).any(|pair| pair == b"p="),
            _ => false,
        };
        if found.iter().any(has_key) { Ok(()) } else { Err(VerificationError::InvalidValue) }
    }

    fn mx(&mut self, domain: &str) -> Result<(), VerificationError> {
        match self.ask(domain, RecordType::MX)?.as_slice() {
            [RData::MX(mx)] if feedback_host(&mx.exchange.to_ascii()) => Ok(()),
            _ => Err(VerificationError::InvalidValue),
        }
    }

    /// The SOA of a domain's zone, from the answer or from the authority section.
    fn soa(&self, domain: &str) -> Option<SoaRecord> {
        let answer = self.zone.answer(&absolute(domain).ok()?, RecordType::SOA)?;
        answer.records.iter().chain(&answer.soa).find_map(|record| match &record.data {
            RData::SOA(soa) => Some(seen(soa)),
            _ => None,
        })
    }
}

/// The target of an alias.
fn alias(data: &RData) -> Option<String> {
    if let RData::CNAME(target) = data { normal(&target.0.to_ascii()).ok() } else { None }
}

/// SES's error for a question without records, by the descriptions of `VerificationError` in AWS's API reference.
fn reason(answer: &DnsReply) -> VerificationError {
    match answer.code {
        ResponseCode::NoError => VerificationError::TypeNotFound,
        ResponseCode::NXDomain => VerificationError::HostNotFound,
        _ => VerificationError::DnsServerError,
    }
}

/// SES's host for feedback in any region: one MAIL FROM domain can serve several regions with the record of one of them
/// (AWS SES Developer Guide, "Regions and Amazon SES").
fn feedback_host(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let region = name.strip_prefix("feedback-smtp.").and_then(|rest| rest.strip_suffix(".amazonses.com"));
    region.is_some_and(|region| !region.contains('.'))
}

fn seen(soa: &SOA) -> SoaRecord {
    let text = |name: &hickory_proto::rr::Name| name.to_ascii().trim_end_matches('.').to_owned();
    SoaRecord { primary_name_server: text(&soa.mname), admin_email: text(&soa.rname), serial_number: soa.serial }
}
