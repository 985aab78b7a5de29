//! The zone's answers. Pure: no sockets.
//!
//! Every registrable domain exists and has its own start-of-authority record, so a missing name is answered as its
//! zone's server would.

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::rdata::{CNAME, NS, SOA};
use hickory_proto::rr::{Name, RData, Record, RecordType};

use super::record::{absolute, parse};
use super::zone::{DnsFault, Zone, apex, path};
use crate::core::account::ancestors;

#[derive(Debug, Clone, PartialEq)]
pub struct DnsReply {
    pub code: ResponseCode,
    /// Records of the requested type, and the aliases that led to them.
    pub records: Vec<Record>,
    /// The start of authority for an answer without records.
    pub soa: Option<Record>,
}

/// Maximum length of a CNAME chain.
const CHAIN: usize = 8;

impl Zone {
    /// The answer to a question; `None`: no answer.
    pub fn answer(&self, question: &Name, rtype: RecordType) -> Option<DnsReply> {
        if self.down {
            return None;
        }
        let bare = |code| Some(DnsReply { code, records: Vec::new(), soa: None });
        match self.faults.get(&key(question)) {
            Some(DnsFault::Timeout) => None,
            Some(DnsFault::ServFail) => bare(ResponseCode::ServFail),
            Some(DnsFault::Refused) => bare(ResponseCode::Refused),
            Some(DnsFault::WrongValue(value)) => Some(self.wrong(question, rtype, value)),
            None => Some(self.resolve(question, rtype)),
        }
    }

    fn wrong(&self, question: &Name, rtype: RecordType, value: &str) -> DnsReply {
        match parse(rtype, value) {
            Ok(data) => {
                let records = vec![Record::from_rdata(question.clone(), self.ttl, data)];
                DnsReply { code: ResponseCode::NoError, records, soa: None }
            }
            Err(_) => self.negative(question, Vec::new()),
        }
    }

    /// Looks up and follows CNAMEs, like a server that is responsible for all names in the chain (RFC 1034, 4.3.2).
    fn resolve(&self, question: &Name, rtype: RecordType) -> DnsReply {
        let mut records = Vec::new();
        let mut name = question.clone();
        for _ in 0..CHAIN {
            let found = self.find(&name, rtype);
            if !found.is_empty() {
                records.extend(found);
                return DnsReply { code: ResponseCode::NoError, records, soa: None };
            }
            let alias = self.find(&name, RecordType::CNAME).into_iter().next();
            let Some((alias, target)) = alias.and_then(|alias| match alias.data.clone() {
                RData::CNAME(CNAME(target)) => Some((alias, target)),
                _ => None,
            }) else {
                return self.negative(&name, records);
            };
            records.push(alias);
            name = target;
        }
        DnsReply { code: ResponseCode::ServFail, records: Vec::new(), soa: None }
    }

    /// The records of exactly this name and type, with the name as in the question.
    fn find(&self, name: &Name, rtype: RecordType) -> Vec<Record> {
        let key = key(name);
        let sets = self.records.get(&path(&key));
        let own = sets.into_iter().flatten().filter(|(kind, _)| rtype == RecordType::ANY || **kind == rtype);
        let records: Vec<Record> = own
            .flat_map(|(_, set)| set.data.iter().map(|data| Record::from_rdata(name.clone(), set.ttl, data.clone())))
            .collect();
        if records.is_empty() && matches!(rtype, RecordType::SOA | RecordType::NS) && key == apex(&key) {
            return self.implied(name, &key, rtype).into_iter().collect();
        }
        records
    }

    /// The implicit records of every zone.
    fn implied(&self, name: &Name, apex: &str, rtype: RecordType) -> Option<Record> {
        let data = match rtype {
            RecordType::SOA => RData::SOA(self.default_soa(apex)?),
            RecordType::NS => RData::NS(NS(absolute(&format!("ns1.{apex}")).ok()?)),
            _ => return None,
        };
        Some(Record::from_rdata(name.clone(), self.ttl, data))
    }

    fn default_soa(&self, apex: &str) -> Option<SOA> {
        let primary = absolute(&format!("ns1.{apex}")).ok()?;
        let admin = absolute(&format!("hostmaster.{apex}")).ok()?;
        let serial = self.changes.get(apex).copied().unwrap_or(1);
        Some(SOA::new(primary, admin, serial, 3600, 600, 86_400, self.ttl))
    }

    /// No such record: NODATA if the name or a name below it exists, otherwise NXDOMAIN; with the zone's SOA.
    fn negative(&self, name: &Name, records: Vec<Record>) -> DnsReply {
        let key = key(name);
        let apex = apex(&key);
        let code = if key == apex || self.exists(&key) { ResponseCode::NoError } else { ResponseCode::NXDomain };
        DnsReply { code, records, soa: self.soa_above(&key, apex) }
    }

    fn exists(&self, key: &str) -> bool {
        let wanted = path(key);
        let below = self.records.range(wanted.clone()..).next();
        below.is_some_and(|(path, _)| path.starts_with(&wanted))
    }

    /// The SOA of the closest zone at or above the name: an explicit one, or that of the registrable domain.
    fn soa_above(&self, key: &str, apex: &str) -> Option<Record> {
        let has_soa =
            |name: &&str| self.records.get(&path(name)).is_some_and(|sets| sets.contains_key(&RecordType::SOA));
        let mut names = ancestors(key).take_while(|name| name.len() >= apex.len());
        let owner = absolute(names.find(has_soa).unwrap_or(apex)).ok()?;
        self.find(&owner, RecordType::SOA).into_iter().next()
    }
}

fn key(name: &Name) -> String {
    name.to_ascii().trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::dns::record::Shown;

    fn zone() -> Zone {
        let mut zone = Zone::new(1);
        for (name, rtype, values) in [
            ("acme.example", "A", vec!["192.0.2.1"]),
            ("Mixed.Acme.Example.", "TXT", vec!["one", "\"two\" \"parts\""]),
            ("a.deep.acme.example", "TXT", vec!["x"]),
            ("alias.acme.example", "CNAME", vec!["mixed.acme.example"]),
            ("far.acme.example", "CNAME", vec!["nowhere.other.example"]),
            ("loop.acme.example", "CNAME", vec!["loop.acme.example"]),
            ("mail.acme.example", "MX", vec!["10 a.example", "20 b.example"]),
            ("own.zone.example", "SOA", vec!["ns.dns.example admin.dns.example 7 1 2 3 4"]),
            ("deepa.acme.example", "A", vec!["192.0.2.9"]),
        ] {
            zone.set(name, rtype, &values, None).unwrap();
        }
        zone
    }

    /// `code | records | owner of the SOA`
    fn ask(zone: &Zone, name: &str, rtype: RecordType) -> String {
        let Some(answer) = zone.answer(&Name::from_ascii(name).unwrap(), rtype) else { return "silence".to_owned() };
        let records: Vec<_> = answer.records.iter().map(|r| format!("{} {}", r.name, Shown(&r.data))).collect();
        let soa = answer.soa.map(|soa| soa.name.to_string()).unwrap_or_default();
        format!("{:?} | {} | {soa}", answer.code, records.join(", "))
    }

    #[test]
    fn answers_are_those_of_an_authoritative_server() {
        use RecordType::{A, ANY, CNAME, MX, NS, SOA, TXT};
        let zone = zone();
        let table = [
            ("acme.example.", A, "NoError | acme.example. 192.0.2.1 | ", "a record"),
            ("ACME.example.", A, "NoError | ACME.example. 192.0.2.1 | ", "case is echoed, not compared"),
            ("acme.example.", TXT, "NoError |  | acme.example.", "another type of an existing name: NODATA"),
            ("no.acme.example.", A, "NXDomain |  | acme.example.", "no such name"),
            ("deep.acme.example.", A, "NoError |  | acme.example.", "an empty non-terminal exists"),
            ("dee.acme.example.", A, "NXDomain |  | acme.example.", "half a label is not a parent"),
            ("x.a.deep.acme.example.", A, "NXDomain |  | acme.example.", "below a leaf there is nothing"),
            (
                "mixed.acme.example.",
                TXT,
                "NoError | mixed.acme.example. \"one\", mixed.acme.example. \"two\" \"parts\" | ",
                "several records and strings",
            ),
            (
                "alias.acme.example.",
                TXT,
                "NoError | alias.acme.example. mixed.acme.example., mixed.acme.example. \"one\", \
                 mixed.acme.example. \"two\" \"parts\" | ",
                "an alias is followed",
            ),
            ("alias.acme.example.", CNAME, "NoError | alias.acme.example. mixed.acme.example. | ", "unless asked for"),
            (
                "alias.acme.example.",
                A,
                "NoError | alias.acme.example. mixed.acme.example. | acme.example.",
                "NODATA at the end of the chain",
            ),
            (
                "far.acme.example.",
                A,
                "NXDomain | far.acme.example. nowhere.other.example. | other.example.",
                "NXDOMAIN at the end of the chain",
            ),
            ("loop.acme.example.", A, "ServFail |  | ", "a loop ends"),
            (
                "mail.acme.example.",
                MX,
                "NoError | mail.acme.example. 10 a.example., mail.acme.example. 20 b.example. | ",
                "MX",
            ),
            ("fresh.example.", A, "NoError |  | fresh.example.", "every registrable domain exists"),
            (
                "fresh.example.",
                SOA,
                "NoError | fresh.example. ns1.fresh.example. hostmaster.fresh.example. 1 3600 600 86400 1 | ",
                "with a SOA",
            ),
            ("fresh.example.", NS, "NoError | fresh.example. ns1.fresh.example. | ", "and a name server"),
            ("x.fresh.co.uk.", A, "NXDomain |  | fresh.co.uk.", "registrable means below the public suffix"),
            ("example.", A, "NoError |  | example.", "a public suffix is its own zone"),
            ("x.own.zone.example.", A, "NXDomain |  | own.zone.example.", "a zone that was cut by hand"),
            (
                "mixed.acme.example.",
                ANY,
                "NoError | mixed.acme.example. \"one\", mixed.acme.example. \"two\" \"parts\" | ",
                "ANY",
            ),
        ];
        for (name, rtype, expected, why) in table {
            assert_eq!(ask(&zone, name, rtype), expected, "{why}");
        }
    }

    #[test]
    fn names_misbehave_on_request() {
        let mut zone = zone();
        let wrong = DnsFault::WrongValue("192.0.2.66".to_owned());
        let table = [
            (DnsFault::ServFail, "ServFail |  | "),
            (DnsFault::Refused, "Refused |  | "),
            (DnsFault::Timeout, "silence"),
            (wrong, "NoError | acme.example. 192.0.2.66 | "),
            (DnsFault::WrongValue("no address".to_owned()), "NoError |  | acme.example."),
        ];
        for (fault, expected) in table {
            zone.set_fault("Acme.example.", Some(fault.clone())).unwrap();
            assert_eq!(ask(&zone, "acme.example.", RecordType::A), expected, "{fault:?}");
            assert_eq!(ask(&zone, "no.acme.example.", RecordType::A), "NXDomain |  | acme.example.", "others do not");
        }
        zone.set_down(true);
        assert_eq!(ask(&zone, "no.acme.example.", RecordType::A), "silence");
        zone.clear_faults();
        assert_eq!(ask(&zone, "acme.example.", RecordType::A), "NoError | acme.example. 192.0.2.1 | ");
    }

    #[test]
    fn removing_the_last_record_removes_the_name() {
        let mut zone = zone();
        assert!(zone.remove("A.deep.acme.example", "TXT").unwrap());
        assert!(!zone.remove("a.deep.acme.example", "TXT").unwrap());
        assert_eq!(ask(&zone, "deep.acme.example.", RecordType::A), "NXDomain |  | acme.example.");
    }
}
