//! The DNS server over the wire, UDP and TCP.

use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RecordType;
use ses_simulator::DnsFault;

use crate::common::{by_hand, http, resolver, start};

/// The values of an answer, or its error.
async fn ask(resolver: &hickory_resolver::TokioResolver, name: &str, rtype: RecordType) -> String {
    match resolver.lookup(name, rtype).await {
        Ok(lookup) => lookup.answers().iter().map(|record| record.data.to_string()).collect::<Vec<_>>().join(", "),
        Err(NetError::Dns(DnsError::NoRecordsFound(none))) => {
            let soa = none.soa.map(|soa| soa.name.to_string()).unwrap_or_default();
            match none.response_code {
                ResponseCode::NXDomain => format!("NXDOMAIN {soa}"),
                ResponseCode::NoError => format!("NODATA {soa}"),
                code => format!("{code:?}").to_ascii_uppercase(),
            }
        }
        Err(NetError::Dns(DnsError::ResponseCode(code))) => format!("{code:?}").to_ascii_uppercase(),
        Err(NetError::Timeout) => "TIMEOUT".to_owned(),
        Err(other) => format!("{other:?}"),
    }
}

#[tokio::test]
async fn udp_and_tcp_give_the_same_answers() {
    use RecordType::{A, AAAA, CNAME, MX, TXT};
    let (sim, _ses) = start(by_hand()).await;
    for (name, rtype, values) in [
        ("acme.example", "A", vec!["192.0.2.1", "192.0.2.2"]),
        ("acme.example.", "AAAA", vec!["2001:db8::1"]),
        ("acme.example", "MX", vec!["10 mail.acme.example"]),
        ("www.acme.example", "CNAME", vec!["acme.example"]),
        ("_dmarc.acme.example", "TXT", vec!["\"v=DMARC1; \" \"p=none\""]),
    ] {
        sim.set_record(name, rtype, &values).unwrap();
    }
    for tcp in [false, true] {
        let resolver = resolver(&sim, tcp);
        for (name, rtype, expected) in [
            ("acme.example.", A, "192.0.2.1, 192.0.2.2"),
            ("ACME.Example.", AAAA, "2001:db8::1"),
            ("acme.example.", MX, "10 mail.acme.example."),
            ("www.acme.example.", CNAME, "acme.example."),
            ("www.acme.example.", A, "acme.example., 192.0.2.1, 192.0.2.2"),
            ("_dmarc.acme.example.", TXT, "v=DMARC1; p=none"),
            ("acme.example.", TXT, "NODATA acme.example."),
            ("nothing.acme.example.", A, "NXDOMAIN acme.example."),
        ] {
            assert_eq!(ask(&resolver, name, rtype).await, expected, "{name} {rtype} tcp={tcp}");
        }
        sim.dns_fault("acme.example", DnsFault::ServFail).unwrap();
        assert_eq!(ask(&resolver, "acme.example.", A).await, "SERVFAIL", "tcp={tcp}");
        sim.clear_dns_fault("acme.example").unwrap();
        sim.dns_down(true);
        assert_eq!(ask(&resolver, "acme.example.", A).await, "TIMEOUT", "tcp={tcp}");
        sim.dns_down(false);
    }
    let asked = sim.dns_queries();
    let answered = asked.iter().filter(|query| ["NOERROR", "NXDOMAIN"].contains(&query.answer.as_str())).count();
    assert_eq!(answered, 16, "the questions are in the journal, SES's own are not");
    assert_eq!(
        (asked[0].name.as_str(), asked[0].rtype.as_str(), asked[0].answer.as_str()),
        ("acme.example", "A", "NOERROR")
    );
}

#[tokio::test]
async fn an_answer_too_large_for_udp_comes_by_tcp() {
    let (sim, _ses) = start(by_hand()).await;
    let values: Vec<String> = (0..20).map(|number| format!("{number:03}{}", "x".repeat(200))).collect();
    sim.set_record("big.example", "TXT", &values.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
    let mut over_udp = resolver(&sim, false);
    let answer = ask(&over_udp, "big.example.", RecordType::TXT).await;
    assert!(answer.matches('x').count() < 4000, "UDP alone does not hold it");
    over_udp = resolver(&sim, true);
    assert_eq!(ask(&over_udp, "big.example.", RecordType::TXT).await.matches('x').count(), 4000);
}

#[tokio::test]
async fn records_live_one_second_unless_told_otherwise() {
    let (sim, _ses) = start(by_hand()).await;
    let resolver = resolver(&sim, false);
    for (query, ttl) in [("", 1), ("?ttl=60", 60)] {
        http(&sim.url(), "PUT", &format!("/control/zone/acme.example/A{query}"), "192.0.2.1").await;
        let answer = resolver.lookup("acme.example.", RecordType::A).await.unwrap();
        assert_eq!(answer.answers()[0].ttl, ttl);
    }
}
