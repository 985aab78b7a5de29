//! Records and statuses to write: few, with different sets of optional fields.

use std::collections::BTreeMap;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use sender_operator::{
    api::{
        SenderAddress, SenderAddressStatus, SenderDomain, SenderDomainStatus,
        address::ConfirmationStatus,
        domain::{DnsRecord, IdentityStatus, Purpose, RecordState, RecordType, Requirement},
    },
    model::{
        claim::{Account, Claim, ClaimSubject, ClaimedIdentity, DeletionPolicy, Holder, State},
        name::Domain,
        proof::{History, Proof, ProofKind},
        tenant::Tenant,
    },
};
use serde_json::{Value, json};

use super::{cluster::KeptObject, player::Sequence};

/// A kind and its sample values.
pub trait Sampled: KeptObject {
    /// Its subject with this number.
    fn subject_of(sequence: &Sequence, number: u64) -> String;
    /// A mutable field of its spec, and one of two values.
    fn edited(number: u64) -> (&'static str, Value);
    fn status_of(number: u64) -> Self::Status;
}

impl Sampled for SenderDomain {
    fn subject_of(sequence: &Sequence, number: u64) -> String {
        sequence.domain(number)
    }

    fn edited(number: u64) -> (&'static str, Value) {
        ("suspend", json!(number == 0))
    }

    fn status_of(number: u64) -> SenderDomainStatus {
        status(number)
    }
}

impl Sampled for SenderAddress {
    fn subject_of(sequence: &Sequence, number: u64) -> String {
        format!("a{number}@s{}.example", sequence.seed)
    }

    fn edited(number: u64) -> (&'static str, Value) {
        ("note", json!(format!("note {number}")))
    }

    fn status_of(number: u64) -> SenderAddressStatus {
        address_status(number)
    }
}

const TIME: Timestamp = Timestamp::constant(1_767_225_600, 0);

pub fn name(domain: &str) -> Domain {
    Domain::parse(domain).unwrap()
}

/// Labels that the operator uses.
pub fn ours(labels: &BTreeMap<String, String>) -> BTreeMap<&String, &String> {
    labels.iter().filter(|(key, _)| *key == sender_operator::model::tenant::TENANT_LABEL).collect()
}

/// Provisional, Held, Released.
pub fn claim(environment: &str, domain: &str, record: u64) -> Claim {
    let tenant = Tenant::Label("acme".to_owned());
    let account = Account { id: "111122223333".into(), region: "eu-west-1".into(), owner_id: "owner-1".into() };
    let provisional = Claim {
        state: State::Provisional,
        pending_tenant: Some(tenant.clone()),
        provisional_time: Some(TIME),
        ..Claim::new(environment, ClaimSubject { domain: name(domain), address: None }, &account)
    };
    let text = |text: &str| text.to_owned();
    let holder = Holder { namespace: text("acme"), namespace_uid: text("n-1"), name: text("mail"), uid: text("u-1") };
    let identity = ClaimedIdentity {
        created_time: Some(TIME),
        deletion_policy: Some(DeletionPolicy::Retain),
        ..ClaimedIdentity::default()
    };
    match record {
        0 => provisional,
        1 => Claim {
            state: State::Held,
            pending_tenant: None,
            tenant: Some(tenant),
            holder: Some(holder),
            tenure_id: Some(text("h-1")),
            proof: Some(Proof {
                kind: ProofKind::DnsChallenge,
                challenge: Some(text("token")),
                proven_time: TIME,
                lost_time: Some(TIME),
            }),
            history: History::default().followed_by_another(&Tenant::Label(text("before"))),
            identity,
            ..provisional
        },
        _ => Claim { state: State::Released, pending_tenant: None, released_time: Some(TIME), ..provisional },
    }
}

/// Waiting with records to publish; Ready with an identity; the same with a diagnosis; nearly empty.
fn status(number: u64) -> SenderDomainStatus {
    let waiting = ["Owned", "IdentityVerified", "DkimReady", "Ready", "Reconciling"];
    let ready = &waiting[..4];
    let identity = |error_type: Option<&str>| IdentityStatus {
        arn: "arn:aws:ses:eu-west-1:111122223333:identity/example.com".to_owned(),
        region: "eu-west-1".to_owned(),
        verification_status: "SUCCESS".to_owned(),
        dkim_status: "SUCCESS".to_owned(),
        signing_enabled: true,
        error_type: error_type.map(str::to_owned),
        soa: None,
    };
    match number {
        0 => said(&waiting, "False", vec![record("t1"), record("t2")], None),
        1 => said(ready, "True", vec![record("t1")], Some(identity(None))),
        2 => said(ready, "True", vec![record("t1")], Some(identity(Some("HOST_NOT_FOUND")))),
        _ => said(ready, "False", Vec::new(), None),
    }
}

/// Requesting; awaiting the owner; Ready; nearly empty.
fn address_status(number: u64) -> SenderAddressStatus {
    let waiting = ["DomainReady", "Confirmed", "Ready", "Reconciling"];
    let asked = ConfirmationStatus { attempt: 1, ..ConfirmationStatus::default() };
    let sent = ConfirmationStatus { sent_time: Some(TIME), expiry_time: Some(TIME), ..asked.clone() };
    let confirmed = ConfirmationStatus { confirmed_time: Some(TIME), expiry_time: None, ..sent.clone() };
    let (types, status, confirmation, from) = match number {
        0 => (&waiting[..], "False", Some(asked), None),
        1 => (&waiting[..], "False", Some(sent), None),
        2 => (&waiting[..3], "True", Some(confirmed), Some("sales@example.com".to_owned())),
        _ => (&waiting[..3], "False", None, None),
    };
    let conditions = said(types, status, Vec::new(), None).conditions;
    SenderAddressStatus { observed_generation: 1, conditions, confirmation, from }
}

fn said(
    types: &[&str],
    status: &str,
    dns_records: Vec<DnsRecord>,
    identity: Option<IdentityStatus>,
) -> SenderDomainStatus {
    let condition = |type_: &&str| Condition {
        type_: (*type_).to_owned(),
        status: status.to_owned(),
        reason: "Pending".to_owned(),
        message: "A message.".to_owned(),
        observed_generation: Some(1),
        last_transition_time: Time(TIME),
    };
    let conditions = types.iter().map(condition).collect();
    SenderDomainStatus { observed_generation: 1, conditions, dns_records, identity }
}

fn record(token: &str) -> DnsRecord {
    DnsRecord {
        purpose: Purpose::Dkim,
        record_type: RecordType::Cname,
        name: format!("{token}._domainkey.example.com"),
        value: format!("{token}.dkim.amazonses.com"),
        requirement: Requirement::Required,
        state: RecordState::Missing,
        observed: None,
        finding: None,
    }
}
