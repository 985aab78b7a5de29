//! The DNS server over the wire, UDP and TCP.

use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RecordType;
use ses_simulator::DnsFault;

use crate::common::{by_hand, http, resolver, start};

/// The values of an answer, or what stands for it.
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
    }
    let asked = sim.dns_queries();
    assert_eq!(asked.len(), 16, "the questions are in the journal, SES's own are not");
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
async fn names_and_the_whole_server_misbehave_on_request() {
    let (sim, _ses) = start(by_hand()).await;
    sim.set_record("acme.example", "A", &["192.0.2.1"]).unwrap();
    sim.set_record("well.example", "A", &["192.0.2.2"]).unwrap();
    for tcp in [false, true] {
        let resolver = resolver(&sim, tcp);
        for (fault, expected) in [
            (DnsFault::ServFail, "SERVFAIL"),
            (DnsFault::Refused, "REFUSED"),
            (DnsFault::Timeout, "TIMEOUT"),
            (DnsFault::WrongValue("192.0.2.66".into()), "192.0.2.66"),
        ] {
            sim.dns_fault("acme.example", fault).unwrap();
            assert_eq!(ask(&resolver, "acme.example.", RecordType::A).await, expected, "tcp={tcp}");
            assert_eq!(ask(&resolver, "well.example.", RecordType::A).await, "192.0.2.2");
        }
        sim.clear_dns_fault("acme.example").unwrap();
        sim.dns_down(true);
        assert_eq!(ask(&resolver, "well.example.", RecordType::A).await, "TIMEOUT");
        sim.dns_down(false);
        assert_eq!(ask(&resolver, "acme.example.", RecordType::A).await, "192.0.2.1", "tcp={tcp}");
    }
}

#[tokio::test]
async fn records_live_one_second_unless_told_otherwise() {
    let (sim, _ses) = start(by_hand()).await;
    sim.set_record("acme.example", "A", &["192.0.2.1"]).unwrap();
    sim.set_record_ttl("slow.example", "A", &["192.0.2.1"], 300).unwrap();
    http(&sim.url(), "PUT", "/control/zone/curl.example/A?ttl=60", "192.0.2.1").await;
    let resolver = resolver(&sim, false);
    for (name, ttl) in [("acme.example.", 1), ("slow.example.", 300), ("curl.example.", 60)] {
        assert_eq!(resolver.lookup(name, RecordType::A).await.unwrap().answers()[0].ttl, ttl, "{name}");
    }
}

#[tokio::test]
async fn bad_names_types_and_values_are_refused_with_a_sentence() {
    let (sim, _ses) = start(by_hand()).await;
    let refused = |name, rtype, value| sim.set_record(name, rtype, &[value]).unwrap_err().to_string();
    assert_eq!(refused("a..b", "A", "192.0.2.1"), "\"a..b\" is not a DNS name");
    assert!(refused("a.example", "SRV", "x").starts_with("type \"SRV\" is not served"));
    assert_eq!(refused("a.example", "MX", "x"), "\"x\" is not a value for MX: write 10 mail.example");
    assert!(sim.records().is_empty());
}
