//! The ports of one operator's process: all its actions use them.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use sender_operator::{
    clock::Clock, cluster::leadership::Leadership, controller::Ports, ses::call_budget::ProcessCallBudget,
};

use super::{Shared, failures::How, operator::Link, unless_dead};

/// One operator's view of the simulation.
#[derive(Clone)]
pub struct Port {
    pub shared: Arc<Shared>,
    pub link: Arc<Link>,
}

impl Port {
    pub fn all(shared: &Arc<Shared>, link: &Arc<Link>, leadership: &Leadership) -> Ports {
        let port = Arc::new(Self { shared: shared.clone(), link: link.clone() });
        Ports {
            store: port.clone(),
            ses: port.clone(),
            budget: Arc::new(ProcessCallBudget::new(1.0)),
            sends: Arc::new(ProcessCallBudget::new(1.0)),
            dns: port.clone(),
            clock: port,
            leadership: leadership.clone(),
        }
    }

    /// The latency of a request to the other side.
    pub async fn way(&self, latency: Duration) {
        unless_dead(self.link.is_dead(), tokio::time::sleep(latency)).await;
    }

    /// The end of a request that fails in this way: the process may be dead.
    pub async fn fail<T>(&self, how: How, error: T) -> T {
        match how {
            How::Refused | How::AnswerLost => return error,
            How::Silent => {}
            How::CrashBefore | How::CrashAfter => {
                self.link.kill();
                self.shared.changed.notify_waiters();
            }
        }
        std::future::pending().await
    }

    /// Never returns once the process is dead: later actions have no effect.
    pub async fn alive(&self) {
        unless_dead(self.link.is_dead(), async {}).await;
    }
}

impl Clock for Port {
    fn now(&self) -> Timestamp {
        self.shared.now()
    }
}
