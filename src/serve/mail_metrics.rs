//! Metrics of mails, confirmations and addresses. No address, domain or tenant is a label.

use std::time::Duration;

use prometheus_client::{
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};

use super::metrics::Metrics;
use crate::model::claim::State;

type Labels<const N: usize> = [(&'static str, &'static str); N];

/// What is counted.
pub(super) struct MailMetrics {
    mails: Family<Labels<1>, Counter>,
    wait: Histogram,
    answers: Family<Labels<2>, Counter>,
    addresses: Gauge,
    claims: Family<Labels<1>, Gauge>,
}

impl MailMetrics {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let metrics = Self {
            mails: Family::default(),
            // From a tenth of a second to a quarter of an hour.
            wait: Histogram::new(exponential_buckets(0.1, 2.0, 14)),
            answers: Family::default(),
            addresses: Gauge::default(),
            claims: Family::default(),
        };
        registry.register(
            "mails",
            "Mails to owners of mailboxes: sent, held_back by a limit, refused by SES, or unknown where SES did not answer",
            metrics.mails.clone(),
        );
        registry.register("mail_wait_seconds", "Time a mail waited for its turn", metrics.wait.clone());
        registry.register(
            "confirmation_pages",
            "Requests to the pages of confirmation links, by action and what became of it",
            metrics.answers.clone(),
        );
        registry.register("sender_addresses", "SenderAddresses that the index knows", metrics.addresses.clone());
        registry.register(
            "address_claims",
            "Claims of this environment on addresses, by state",
            metrics.claims.clone(),
        );
        metrics
    }
}

impl Metrics {
    /// A mail was sent, held back, refused, or it is not known.
    pub fn mail(&self, outcome: &'static str) {
        self.mails().mails.get_or_create(&[("outcome", outcome)]).inc();
    }

    /// A mail waited so long for its turn.
    pub fn mail_wait(&self, wait: Duration) {
        self.mails().wait.observe(wait.as_secs_f64());
    }

    /// Somebody opened a page of a link, or pressed a button on it.
    pub fn confirmation_page(&self, action: &'static str, outcome: &'static str) {
        self.mails().answers.get_or_create(&[("action", action), ("outcome", outcome)]).inc();
    }

    /// So many `SenderAddress`es are in the index.
    pub fn addresses(&self, count: usize) {
        self.mails().addresses.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// So many claims on addresses are in this state.
    pub fn address_claims(&self, state: State, count: usize) {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        self.mails().claims.get_or_create(&[("state", state.as_str())]).set(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_of_mails_is_set_by_what_it_is_named_after() {
        let metrics = Metrics::default();
        metrics.mail("sent");
        metrics.mail_wait(Duration::from_secs(1));
        metrics.confirmation_page("confirm", "done");
        metrics.addresses(3);
        metrics.address_claims(State::Held, 4);
        let text = metrics.render().unwrap();
        for line in [
            "sender_operator_mails_total{outcome=\"sent\"} 1",
            "sender_operator_mail_wait_seconds_count 1",
            "sender_operator_confirmation_pages_total{action=\"confirm\",outcome=\"done\"} 1",
            "sender_operator_sender_addresses 3",
            "sender_operator_address_claims{state=\"Held\"} 4",
        ] {
            assert!(text.contains(line), "{line} is missing in\n{text}");
        }
    }
}
