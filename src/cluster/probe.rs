//! The API server probe. Watches are silent while nothing changes, so silence alone proves nothing.

use std::{future::Future, time::Duration};

use k8s_openapi::api::core::v1::Namespace;
use kube::{Api, Client};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::request::is_absence;

const INTERVAL: Duration = Duration::from_secs(5);
const TIMEOUT: Duration = Duration::from_secs(5);
/// The API server is unreachable if all requests within this time fail. A rolling update causes shorter failures.
const TOLERANCE: Duration = Duration::from_secs(15);

/// A change of the API server's reachability.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiServer {
    /// No request has succeeded within the tolerance; contains the last error.
    Unreachable(String),
    Reachable,
}

/// The state of the probe. Pure.
#[derive(Debug, Default)]
struct Probe {
    failing_since: Option<Instant>,
    reported: bool,
}

impl Probe {
    /// Records the result of a request; returns each change once.
    fn observe(&mut self, answer: Result<(), String>, now: Instant) -> Option<ApiServer> {
        let Err(why) = answer else {
            self.failing_since = None;
            return std::mem::take(&mut self.reported).then_some(ApiServer::Reachable);
        };
        let since = *self.failing_since.get_or_insert(now);
        let lost = !self.reported && now.duration_since(since) >= TOLERANCE;
        self.reported |= lost;
        lost.then_some(ApiServer::Unreachable(why))
    }
}

/// Probes until dropped. It reads the operator's own namespace, a cheap read from etcd. A 403 or a 404 counts as an
/// answer.
pub async fn run(client: Client, namespace: &str, mut report: impl FnMut(ApiServer)) {
    let api = Api::<Namespace>::all(client);
    let mut probe = Probe::default();
    let mut ticks = interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let answer = answer_to(api.get_metadata(namespace)).await;
        if let Some(change) = probe.observe(answer, Instant::now()) {
            report(change);
        }
    }
}

async fn answer_to<T>(request: impl Future<Output = Result<T, kube::Error>>) -> Result<(), String> {
    match timeout(TIMEOUT, request).await {
        Err(_) => Err("does not respond".to_owned()),
        Ok(Err(kube::Error::Api(status))) if status.code == 403 || is_absence(&status) => Ok(()),
        Ok(Err(kube::Error::Api(status))) => Err(format!("responds with HTTP {}", status.code)),
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => {
            tracing::debug!(%error, "the request to the API server failed");
            Err("is unreachable".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_for_some_time_is_told_once_and_so_is_its_end() {
        let mut probe = Probe::default();
        let start = Instant::now();
        let mut observe = |seconds, answer: Result<(), &str>| {
            probe.observe(answer.map_err(str::to_owned), start + Duration::from_secs(seconds))
        };
        let failed = Err("does not respond");
        let lost = Some(ApiServer::Unreachable("does not respond".to_owned()));
        for (seconds, answer, expected) in [
            (0, Ok(()), None),
            (5, failed, None),
            (10, Ok(()), None),
            (15, failed, None),
            (25, failed, None),
            (30, failed, lost.clone()),
            (35, failed, None),
            (40, Ok(()), Some(ApiServer::Reachable)),
            (45, Ok(()), None),
            (50, failed, None),
            (65, failed, lost),
        ] {
            assert_eq!(observe(seconds, answer), expected, "at {seconds} s");
        }
    }
}
