//! Sets the gauges of resources, claims and queues at each scrape.

use super::{context::Context, domain::DomainSubject, engine::Engine};
use crate::{
    model::{address::Address, claim::State, name::Domain},
    serve::metrics::Metrics,
};

pub fn measure(context: &Context, domains: &Engine<DomainSubject>, metrics: &Metrics) {
    let index = context.index();
    metrics.objects(index.objects::<Domain>());
    metrics.addresses(index.objects::<Address>());
    for state in State::ALL {
        metrics.claims(state, index.count::<Domain>(state));
        metrics.address_claims(state, index.count::<Address>(state));
    }
    drop(index);
    metrics.held_back(domains.count(|cache| cache.held_back));
    metrics.backlog(context.domains.backlog() + context.addresses.backlog());
    metrics.ses_rate(context.ports.budget.rate());
}
