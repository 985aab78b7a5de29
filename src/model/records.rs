//! The DNS records that a domain needs, and the assessment of DNS answers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{challenge, name::Domain};

/// Longest observed value that is shown, in characters: third parties control it.
pub const MAX_OBSERVED: usize = 256;

/// Purpose of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Purpose {
    /// The TXT record that proves that the tenant controls the domain.
    Ownership,
    /// One of the three CNAME records that SES uses to verify the domain and to sign its mail.
    #[serde(rename = "DKIM")]
    Dkim,
}

/// Type of a DNS record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum RecordType {
    /// RFC 1035 §3.3.1.
    #[serde(rename = "CNAME")]
    Cname,
    /// RFC 1035 §3.3.14.
    #[serde(rename = "TXT")]
    Txt,
    /// RFC 1035 §3.4.1. Queried only to explain why a CNAME is missing.
    A,
}

/// Whether sending needs the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Requirement {
    /// The domain does not become Ready without it.
    #[serde(rename = "required")]
    Required,
    /// The record is optional: another tenant owns the domain.
    #[serde(rename = "advised")]
    Advised,
}

/// State of a record in DNS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum RecordState {
    /// DNS has the record with the expected value.
    Found,
    /// DNS has no such record.
    Missing,
    /// DNS has the record with another value.
    Mismatch,
    /// No usable answer: the lookup failed, or the servers disagree.
    Unknown,
}

/// A DNS record that the tenant has to publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Function of the record.
    pub purpose: Purpose,
    /// DNS record type.
    pub record_type: RecordType,
    /// Full name, without a trailing dot.
    pub name: String,
    /// Value, without a trailing dot.
    pub value: String,
}

/// The DNS answer to one query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DnsAnswer {
    /// Records of the queried type, as text without trailing dots.
    Records(Vec<String>),
    /// A positive "no such name" (RFC 2308 §2.1).
    NoName,
    /// The name exists, but has no record of this type (RFC 2308 §2.2).
    NoRecord,
    /// No usable answer, for this reason.
    Unknown(Doubt),
}

/// The reason why there is no usable answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// No resolver answered in time.
    Timeout,
    /// The resolvers reported a failure, such as SERVFAIL.
    ServerFailure,
    /// The resolvers gave different answers, as during the propagation of a change.
    Disagreement,
}

impl Doubt {
    /// Metric label. All reasons are transient.
    pub fn label(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::ServerFailure => "server_failure",
            Self::Disagreement => "disagreement",
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Timeout => "No DNS resolver answered in time.",
            Self::ServerFailure => "The DNS servers of the domain reported a failure.",
            Self::Disagreement => "The DNS resolvers disagree, which is normal while a change propagates.",
        }
    }
}

/// The answers collected for one wanted record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookup {
    /// Answer for the record itself.
    pub direct: DnsAnswer,
    /// Answer for the name with the domain written twice; only if the record is missing.
    pub doubled: Option<DnsAnswer>,
    /// Answer for addresses of the name; only if it has no CNAME.
    pub addresses: Option<DnsAnswer>,
}

/// The assessment of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Found, Missing, Mismatch or Unknown.
    pub state: RecordState,
    /// The observed value, truncated and escaped.
    pub observed: Option<String>,
    /// What to do about the record, as a sentence.
    pub finding: Option<String>,
}

/// The TXT record that contains a tenant's token.
pub fn challenge_record(domain: &Domain, token: &str) -> Wanted {
    Wanted {
        purpose: Purpose::Ownership,
        record_type: RecordType::Txt,
        name: challenge::record_name(domain),
        value: challenge::record_value(token),
    }
}

/// The three CNAMEs of Easy DKIM. `zone` is the signing hosted zone that SES reports for this identity. It differs by
/// region and by identity and is never derived
/// (<https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_DkimAttributes.html>).
pub fn dkim_records(domain: &Domain, tokens: &[String], zone: &str) -> Vec<Wanted> {
    tokens
        .iter()
        .map(|token| Wanted {
            purpose: Purpose::Dkim,
            record_type: RecordType::Cname,
            name: format!("{token}._domainkey.{domain}"),
            value: format!("{token}.{zone}"),
        })
        .collect()
}

/// The target zone of DKIM records where SES reports none, from the DKIM domains of the AWS General Reference
/// (<https://docs.aws.amazon.com/general/latest/gr/ses.html>).
pub fn default_zone(region: &str) -> String {
    const OWN_ZONE: [&str; 11] = [
        "af-south-1",
        "ap-south-2",
        "ap-southeast-3",
        "ap-southeast-5",
        "ap-northeast-3",
        "ca-west-1",
        "eu-central-2",
        "eu-south-1",
        "il-central-1",
        "me-central-1",
        "us-gov-east-1",
    ];
    if OWN_ZONE.contains(&region) { format!("dkim.{region}.amazonses.com") } else { "dkim.amazonses.com".to_owned() }
}

/// The name that results when a DNS provider appends the zone to a full name.
pub fn doubled_name(wanted: &Wanted, domain: &Domain) -> String {
    format!("{}.{domain}", wanted.name)
}

/// Assesses the answers. `None` (not looked up yet) is Unknown without a finding.
pub fn judge(wanted: &Wanted, domain: &Domain, observed: Option<&Lookup>) -> Judgement {
    let Some(observed) = observed else {
        return Judgement { state: RecordState::Unknown, observed: None, finding: None };
    };
    match &observed.direct {
        // A name has at most one CNAME (RFC 1034, section 3.6.2). SES may follow the other one.
        DnsAnswer::Records(values) if wanted.record_type == RecordType::Cname && values.len() > 1 => Judgement {
            state: RecordState::Mismatch,
            observed: values.iter().find(|value| !same_name(value, &wanted.value)).map(|value| shown(value)),
            finding: Some("The name has several CNAME records. Remove all but the one given here.".to_owned()),
        },
        DnsAnswer::Records(values) if is_among(wanted, values) => {
            Judgement { state: RecordState::Found, observed: Some(wanted.value.clone()), finding: None }
        }
        DnsAnswer::Records(values) => Judgement {
            state: RecordState::Mismatch,
            observed: values.first().map(|value| shown(value)),
            finding: Some(mismatch_finding(wanted, domain, values)),
        },
        DnsAnswer::NoName | DnsAnswer::NoRecord => Judgement {
            state: RecordState::Missing,
            observed: None,
            finding: Some(missing_finding(wanted, domain, observed)),
        },
        DnsAnswer::Unknown(doubt) => {
            Judgement { state: RecordState::Unknown, observed: None, finding: Some(doubt.as_str().to_owned()) }
        }
    }
}

fn is_among(wanted: &Wanted, values: &[String]) -> bool {
    match wanted.record_type {
        RecordType::Txt => challenge::shows(values, wanted.value.trim_start_matches("token=")),
        RecordType::Cname | RecordType::A => values.iter().any(|value| same_name(value, &wanted.value)),
    }
}

fn mismatch_finding(wanted: &Wanted, domain: &Domain, values: &[String]) -> String {
    if wanted.record_type == RecordType::Txt {
        return "Other TXT records exist at this name, but none with this value. Add it. The others can stay."
            .to_owned();
    }
    let appended = format!("{}.{domain}", wanted.value);
    if values.iter().any(|value| same_name(value, &appended)) {
        return format!("The DNS provider appended {domain} to the value. Enter the value with a trailing dot.");
    }
    "The record has a different value. Replace it with the expected value.".to_owned()
}

fn missing_finding(wanted: &Wanted, domain: &Domain, observed: &Lookup) -> String {
    if matches!(&observed.doubled, Some(DnsAnswer::Records(_))) {
        let short = wanted.name.strip_suffix(&format!(".{domain}")).unwrap_or(&wanted.name);
        return format!(
            "The record exists at {}: the DNS provider appended the zone. Enter the name as {short}.",
            doubled_name(wanted, domain)
        );
    }
    if matches!(&observed.addresses, Some(DnsAnswer::Records(_))) {
        return "The name has address records instead of the CNAME, as is usual behind a proxy. Publish it as a plain \
                CNAME (\"DNS only\")."
            .to_owned();
    }
    "The record does not exist in DNS. Publish it.".to_owned()
}

fn same_name(left: &str, right: &str) -> bool {
    left.trim_end_matches('.').eq_ignore_ascii_case(right.trim_end_matches('.'))
}

/// Makes third-party text safe to print: escapes control characters and non-ASCII, truncates to [`MAX_OBSERVED`]
/// characters.
fn shown(text: &str) -> String {
    text.escape_default().take(MAX_OBSERVED).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts() -> (Domain, Wanted) {
        let domain = Domain::parse("example.com").unwrap();
        let wanted = dkim_records(&domain, &["tok".to_owned()], "dkim.amazonses.com").remove(0);
        (domain, wanted)
    }

    fn observed(direct: DnsAnswer) -> Lookup {
        Lookup { direct, doubled: None, addresses: None }
    }

    fn records(value: &str) -> DnsAnswer {
        DnsAnswer::Records(vec![value.to_owned()])
    }

    #[test]
    fn a_record_is_a_token_below_the_domain_that_points_into_the_zone_ses_named() {
        let (_, wanted) = parts();
        assert_eq!(wanted.name, "tok._domainkey.example.com");
        assert_eq!(wanted.value, "tok.dkim.amazonses.com");
    }

    #[test]
    fn where_ses_names_no_zone_the_regions_own_or_the_common_one_holds() {
        assert_eq!(default_zone("eu-west-1"), "dkim.amazonses.com");
        assert_eq!(default_zone("eu-south-1"), "dkim.eu-south-1.amazonses.com");
    }

    #[test]
    fn every_answer_has_one_meaning_and_says_what_to_do() {
        let (domain, wanted) = parts();
        let doubled = Lookup { doubled: Some(records("tok.dkim.amazonses.com")), ..observed(DnsAnswer::NoName) };
        let proxied = Lookup { addresses: Some(records("192.0.2.1")), ..observed(DnsAnswer::NoRecord) };
        let several = ["tok.dkim.amazonses.com", "x.example.net"].map(str::to_owned).to_vec();
        let several = observed(DnsAnswer::Records(several));
        for (case, answers, state, finding) in [
            ("right", observed(records("tok.dkim.amazonses.com")), RecordState::Found, ""),
            ("case and dot do not matter", observed(records("TOK.dkim.AmazonSES.com.")), RecordState::Found, ""),
            ("other value", observed(records("x.example.net")), RecordState::Mismatch, "Replace it"),
            (
                "zone appended to the value",
                observed(records("tok.dkim.amazonses.com.example.com")),
                RecordState::Mismatch,
                "trailing dot",
            ),
            ("the right and another CNAME", several, RecordState::Mismatch, "Remove all but the one"),
            ("no name", observed(DnsAnswer::NoName), RecordState::Missing, "Publish it"),
            ("no record", observed(DnsAnswer::NoRecord), RecordState::Missing, "Publish it"),
            ("zone appended to the name", doubled, RecordState::Missing, "Enter the name as tok._domainkey."),
            ("proxied", proxied, RecordState::Missing, "DNS only"),
            ("timeout", observed(DnsAnswer::Unknown(Doubt::Timeout)), RecordState::Unknown, "in time"),
            ("servfail", observed(DnsAnswer::Unknown(Doubt::ServerFailure)), RecordState::Unknown, "failure"),
            ("disagreement", observed(DnsAnswer::Unknown(Doubt::Disagreement)), RecordState::Unknown, "disagree"),
        ] {
            let judged = judge(&wanted, &domain, Some(&answers));
            assert_eq!(judged.state, state, "{case}");
            assert!(judged.finding.unwrap_or_default().contains(finding), "{case}");
        }
        assert_eq!(judge(&wanted, &domain, None).state, RecordState::Unknown);
    }

    #[test]
    fn what_a_strangers_dns_says_is_cut_and_escaped() {
        let (domain, wanted) = parts();
        let evil = format!("\u{1b}[31m\n{}", "é".repeat(400));
        let observed = judge(&wanted, &domain, Some(&observed(records(&evil)))).observed.unwrap();
        assert!(
            observed.chars().count() == MAX_OBSERVED && observed.is_ascii() && !observed.contains(['\u{1b}', '\n'])
        );
    }
}
