//! DNS lookups.

use std::collections::BTreeMap;

use crate::{
    controller::{
        context::Context,
        domain::{
            decide::assess::{Assessment, wanted_records},
            observe::observation::Observation,
        },
    },
    model::records::{DnsAnswer, LookUp, RecordType, Wanted, challenge_record, doubled_name},
};

/// Looks up every record to publish.
pub async fn look_up_records(context: &Context, observation: &mut Observation) {
    let mut answers = BTreeMap::new();
    for wanted in wanted_records(&context.config, observation) {
        let look_up = look_up(context, observation, &wanted).await;
        answers.insert(wanted.name, look_up);
    }
    let now = context.ports.clock.now();
    observation.cache.looked_up = Some((now, answers));
    let since = observation.cache.found_since.unwrap_or(now);
    let found = Assessment::of(&context.config, observation, now).all_found();
    observation.cache.found_since = found.then_some(since);
}

pub async fn look_up_challenge(context: &Context, observation: &mut Observation) {
    // The challenge records of all tenants have the same name.
    let look_up = look_up(context, observation, &challenge_record(&observation.domain, "")).await;
    observation.cache.challenge = Some((context.ports.clock.now(), look_up));
    observation.live.challenge = true;
}

/// Looks up a record and, if it is missing, the usual causes.
async fn look_up(context: &Context, observation: &Observation, wanted: &Wanted) -> LookUp {
    let dns = &context.ports.dns;
    let direct = dns.look_up(&wanted.name, wanted.record_type).await;
    context.metrics.look_up(if let DnsAnswer::Unknown(doubt) = &direct { Some(*doubt) } else { None });
    let absent = matches!(direct, DnsAnswer::NoName | DnsAnswer::NoRecord);
    let doubled = if absent {
        Some(dns.look_up(&doubled_name(wanted, &observation.domain), wanted.record_type).await)
    } else {
        None
    };
    let addresses =
        if direct == DnsAnswer::NoRecord { Some(dns.look_up(&wanted.name, RecordType::A).await) } else { None };
    LookUp { direct, doubled, addresses }
}
