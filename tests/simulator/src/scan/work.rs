//! The scanners' work on a mail.

use std::sync::Arc;

use tokio::sync::mpsc::UnboundedReceiver;
use url::Url;

use super::client::{Failed, Request, ScanResponse};
use super::forms::submissions;
use super::{Job, Scanner, Visit};
use crate::backend::Backend;

/// Maximum redirects per link.
const HOPS: usize = 5;

/// Works until the simulator stops. Jobs run in parallel: a hanging link delays only its own mail.
pub(crate) async fn run(backend: Arc<Backend>, mut jobs: UnboundedReceiver<Job>) {
    let stop = backend.stop.clone();
    loop {
        let job = tokio::select! {
            () = stop.cancelled() => return,
            job = jobs.recv() => job,
        };
        let Some(job) = job else { return };
        let (backend, stop) = (Arc::clone(&backend), stop.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = scan(&backend, &job) => {}
            }
            backend.scans.done();
        });
    }
}

async fn scan(backend: &Backend, job: &Job) {
    let round = Round { backend, job };
    for link in &job.links {
        match Url::parse(link) {
            Ok(url) => match job.scanner {
                Scanner::Fetch => {
                    round.visit(Request::get(url.clone())).await;
                    round.visit(Request::head(url)).await;
                }
                Scanner::Submit => round.press_all(url).await,
            },
            Err(error) => round.note("GET", link, None, Err(&error.to_string())),
        }
    }
}

/// One scanner's work on one mail.
struct Round<'a> {
    backend: &'a Backend,
    job: &'a Job,
}

impl Round<'_> {
    async fn press_all(&self, url: Url) {
        let Some((page, answer)) = self.visit(Request::get(url)).await else { return };
        let Some(html) = answer.html else { return };
        for submission in submissions(&html, &page) {
            self.visit(submission).await;
        }
    }

    /// Sends a request and follows redirects. Returns the last answer and its URL.
    async fn visit(&self, mut request: Request) -> Option<(Url, ScanResponse)> {
        for _ in 0..=HOPS {
            let answered = request.send().await;
            let status = answered.as_ref().map(|answer| answer.status).map_err(Failed::to_string);
            let status = status.as_ref().copied().map_err(String::as_str);
            self.note(request.method.as_str(), request.url.as_str(), request.form.as_deref(), status);
            let answer = answered.ok()?;
            match answer.location.as_deref().and_then(|to| request.redirected(answer.status, to)) {
                Some(next) => request = next,
                None => return Some((request.url, answer)),
            }
        }
        None
    }

    fn note(&self, method: &str, url: &str, form: Option<&str>, answered: Result<u16, &str>) {
        self.backend.state().visits.push(|seq| Visit {
            seq,
            scanner: self.job.scanner,
            message_id: self.job.message_id.clone(),
            method: method.to_owned(),
            url: url.to_owned(),
            form: form.map(str::to_owned),
            status: answered.ok(),
            error: answered.err().map(str::to_owned),
        });
    }
}
