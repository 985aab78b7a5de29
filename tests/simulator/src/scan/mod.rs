//! Link scanners: machines at the receiver that open the links of a mail before its reader does. Some also press every
//! button on the linked pages. They run in the background, on loopback only, and log their requests.

mod client;
mod forms;
mod work;

use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, watch};

use crate::core::mail::Mail;
pub(crate) use work::run;

/// Handling of the links of each delivered mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scanner {
    /// Sends a GET and a HEAD to each link.
    Fetch,
    /// Opens each link and submits every form of the page, once per button, with empty and with filled text fields.
    Submit,
}

impl Scanner {
    pub const ALL: [Self; 2] = [Self::Fetch, Self::Submit];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fetch => "fetch",
            Self::Submit => "submit",
        }
    }

    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scanner| scanner.as_str() == word)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Visit {
    pub seq: u64,
    pub scanner: Scanner,
    /// The mail with the link.
    pub message_id: String,
    pub method: String,
    pub url: String,
    /// The submitted fields in form encoding.
    pub form: Option<String>,
    /// HTTP status of the answer; `None`: no answer.
    pub status: Option<u16>,
    /// The reason of a missing answer.
    pub error: Option<String>,
}

/// Which scanners are on, and whether one is active.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Scanners {
    pub fetch: bool,
    pub submit: bool,
    pub idle: bool,
}

#[derive(Debug)]
pub(crate) struct Job {
    scanner: Scanner,
    message_id: String,
    links: Vec<String>,
}

/// Queue of the scanners. Its end of the channel lives as long as the simulator.
#[derive(Debug)]
pub(crate) struct ScanQueue {
    jobs: mpsc::UnboundedSender<Job>,
    /// Number of waiting and active jobs.
    pending: watch::Sender<usize>,
}

impl ScanQueue {
    /// A queue and its receiving end.
    pub(crate) fn new() -> (Self, mpsc::UnboundedReceiver<Job>) {
        let (jobs, received) = mpsc::unbounded_channel();
        (Self { jobs, pending: watch::Sender::new(0) }, received)
    }

    /// Queues a mail for these scanners and returns at once. An undelivered mail is not scanned.
    pub(crate) fn lay(&self, mail: &Mail, scanners: impl IntoIterator<Item = Scanner>) {
        if !mail.deliveries.iter().any(|delivery| delivery.delivered) {
            return;
        }
        for scanner in scanners {
            let job = Job { scanner, message_id: mail.message_id.clone(), links: mail.links() };
            self.pending.send_modify(|pending| *pending += 1);
            if self.jobs.send(job).is_err() {
                self.done();
            }
        }
    }

    fn done(&self) {
        self.pending.send_modify(|pending| *pending = pending.saturating_sub(1));
    }

    pub(crate) fn idle(&self) -> bool {
        *self.pending.borrow() == 0
    }

    pub(crate) async fn until_idle(&self) {
        // `self` owns the sender, so the channel stays open.
        let _ = self.pending.subscribe().wait_for(|pending| *pending == 0).await;
    }
}
