//! DNS lookups.

use std::sync::Arc;

use futures::future::{OptionFuture, join_all};

use crate::{
    controller::{
        context::{Context, ReconcileError},
        domain::{
            decide::assess::{Assessment, wanted_records},
            observe::observation::Observation,
        },
        subject::Reconcile,
    },
    model::{
        name::Domain,
        records::{DnsAnswer, Lookup, RecordType, Wanted, challenge_record, doubled_name},
        suffix::registrable,
    },
};

/// Looks up every record to publish, in parallel.
pub async fn look_up_records(
    context: &Context,
    observation: &mut Observation,
    reconcile: &Reconcile<'_>,
) -> Result<(), ReconcileError> {
    let wanted = wanted_records(&context.config, observation);
    let answers = look_up_all(context, observation, &wanted, reconcile).await?;
    let now = context.ports.clock.now();
    observation.live.records = true;
    observation.cache.unanswered_records.count(&answers);
    observation.cache.looked_up = Some((now, wanted.into_iter().map(|wanted| wanted.name).zip(answers).collect()));
    let since = observation.cache.found_since.unwrap_or(now);
    let found = Assessment::of(&context.config, observation, now).all_found();
    observation.cache.found_since = found.then_some(since);
    Ok(())
}

/// Looks up the challenge record.
pub async fn look_up_challenge(
    context: &Context,
    observation: &mut Observation,
    reconcile: &Reconcile<'_>,
) -> Result<(), ReconcileError> {
    // The records of all tenants have the same name.
    let wanted = [challenge_record(&observation.domain, "")];
    let answers = look_up_all(context, observation, &wanted, reconcile).await?;
    observation.cache.unanswered_challenge.count(&answers);
    observation.cache.challenge = answers.into_iter().next().map(|look_up| (context.ports.clock.now(), look_up));
    (observation.live.challenge, observation.live.challenge_read) = (true, true);
    Ok(())
}

/// Looks up these records in parallel, without a worker permit. Each tenant has a limited number of reconciles at DNS.
/// Its other reconciles report what is known and wait in the queue.
async fn look_up_all(
    context: &Context,
    observation: &Observation,
    wanted: &[Wanted],
    reconcile: &Reconcile<'_>,
) -> Result<Vec<Lookup>, ReconcileError> {
    let group = context.index().group(&observation.domain);
    let slot: Arc<str> = format!("dns/{group}").into();
    if !context.domains.try_acquire_slot(&observation.domain, &slot) {
        return Err(ReconcileError::NoSlot(slot));
    }
    let zone = registrable(&observation.domain);
    let each = wanted.iter().map(|wanted| look_up(context, &observation.domain, wanted, (&group, &zone)));
    Ok(reconcile.permit.release_while(join_all(each)).await)
}

/// Looks up a record and, if it is missing, the usual causes.
async fn look_up(context: &Context, domain: &Domain, wanted: &Wanted, (group, zone): (&Arc<str>, &str)) -> Lookup {
    let bounded = async |name: &str, record_type| {
        let _room = context.lookups.room(group, zone).await;
        context.ports.dns.look_up(name, record_type).await
    };
    let direct = bounded(&wanted.name, wanted.record_type).await;
    context.metrics.look_up(if let DnsAnswer::Unknown(doubt) = &direct { Some(*doubt) } else { None });
    let absent = matches!(direct, DnsAnswer::NoName | DnsAnswer::NoRecord);
    let doubled_name = doubled_name(wanted, domain);
    let doubled = OptionFuture::from(absent.then(|| bounded(&doubled_name, wanted.record_type)));
    let addresses = OptionFuture::from((direct == DnsAnswer::NoRecord).then(|| bounded(&wanted.name, RecordType::A)));
    let (doubled, addresses) = tokio::join!(doubled, addresses);
    Lookup { direct, doubled, addresses }
}
