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
    model::records::{Answer, LookUp, RecordType, Wanted, challenge_record, doubled_name},
};

/// Looks up every record to publish.
pub async fn look_up_records(context: &Context, seen: &mut Observation) {
    let mut answers = BTreeMap::new();
    for wanted in wanted_records(&context.config, seen) {
        let look_up = look_up(context, seen, &wanted).await;
        answers.insert(wanted.name, look_up);
    }
    let now = context.ports.clock.now();
    seen.cache.looked_up = Some((now, answers));
    let since = seen.cache.found_since.unwrap_or(now);
    let found = Assessment::of(&context.config, seen, now).all_found();
    seen.cache.found_since = found.then_some(since);
}

pub async fn look_up_challenge(context: &Context, seen: &mut Observation) {
    // The challenge records of all tenants have the same name.
    let look_up = look_up(context, seen, &challenge_record(&seen.domain, "")).await;
    seen.cache.challenge = Some((context.ports.clock.now(), look_up));
    seen.live.challenge = true;
}

/// Looks up a record and, if it is missing, the usual causes.
async fn look_up(context: &Context, seen: &Observation, wanted: &Wanted) -> LookUp {
    let dns = &context.ports.dns;
    let direct = dns.look_up(&wanted.name, wanted.record_type).await;
    context.metrics.look_up(if let Answer::Unknown(doubt) = &direct { Some(*doubt) } else { None });
    let absent = matches!(direct, Answer::NoName | Answer::NoRecord);
    let doubled =
        if absent { Some(dns.look_up(&doubled_name(wanted, &seen.domain), wanted.record_type).await) } else { None };
    let addresses =
        if direct == Answer::NoRecord { Some(dns.look_up(&wanted.name, RecordType::A).await) } else { None };
    LookUp { direct, doubled, addresses }
}
