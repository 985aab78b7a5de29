//! Whether the API server answers: watches are silent for a long time where nothing changes, so silence alone says
//! nothing.

use std::{future::Future, time::Duration};

use k8s_openapi::api::core::v1::Namespace;
use kube::{Api, Client};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::request::is_absence;

/// Time between two questions.
const INTERVAL: Duration = Duration::from_secs(5);
/// An answer that takes longer is none.
const PATIENCE: Duration = Duration::from_secs(5);
/// One that fails for so long is out of reach. Shorter failures are a rolling update of the API server.
const TOLERANCE: Duration = Duration::from_secs(15);

/// What has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The API server has not answered for some time, for this reason.
    Lost(String),
    /// It answers again.
    Back,
}

/// What is known of the API server. Pure.
#[derive(Debug, Default)]
struct Pulse {
    failing_since: Option<Instant>,
    told: bool,
}

impl Pulse {
    /// A question was answered, or not. Tells what is to be told: once each.
    fn beat(&mut self, answer: Result<(), String>, now: Instant) -> Option<Change> {
        let Err(why) = answer else {
            self.failing_since = None;
            return std::mem::take(&mut self.told).then_some(Change::Back);
        };
        let since = *self.failing_since.get_or_insert(now);
        let lost = !self.told && now.duration_since(since) >= TOLERANCE;
        self.told |= lost;
        lost.then_some(Change::Lost(why))
    }
}

/// Asks until dropped. The question is for the operator's own namespace, whose answer comes from etcd and costs little;
/// that it may not be read, or does not exist, is an answer too.
pub async fn watch_over(client: Client, namespace: &str, mut tell: impl FnMut(Change)) {
    let api = Api::<Namespace>::all(client);
    let mut pulse = Pulse::default();
    let mut ticks = interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let answer = heard(api.get_metadata(namespace)).await;
        if let Some(change) = pulse.beat(answer, Instant::now()) {
            tell(change);
        }
    }
}

async fn heard<T>(question: impl Future<Output = Result<T, kube::Error>>) -> Result<(), String> {
    match timeout(PATIENCE, question).await {
        Err(_) => Err("gives no answer".to_owned()),
        Ok(Err(kube::Error::Api(status))) if status.code == 403 || is_absence(&status) => Ok(()),
        Ok(Err(kube::Error::Api(status))) => Err(format!("answers with HTTP {}", status.code)),
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => {
            tracing::debug!(%error, "the API server can't be asked");
            Err("can't be reached".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_for_some_time_is_told_once_and_so_is_its_end() {
        let mut pulse = Pulse::default();
        let start = Instant::now();
        let mut beat = |seconds, answer: Result<(), &str>| {
            pulse.beat(answer.map_err(str::to_owned), start + Duration::from_secs(seconds))
        };
        let failed = Err("gives no answer");
        let lost = Some(Change::Lost("gives no answer".to_owned()));
        for (seconds, answer, expected) in [
            (0, Ok(()), None),
            (5, failed, None),
            (10, Ok(()), None),
            (15, failed, None),
            (25, failed, None),
            (30, failed, lost.clone()),
            (35, failed, None),
            (40, Ok(()), Some(Change::Back)),
            (45, Ok(()), None),
            (50, failed, None),
            (65, failed, lost),
        ] {
            assert_eq!(beat(seconds, answer), expected, "at {seconds} s");
        }
    }
}
