//! One request and its answer: throttle, faults, the operation, the journal.

use std::time::Duration;

use jiff::Timestamp;

use super::operation::{Input, Operation};
use super::target::{Service, Target, email, summary};
use super::{AwsRequest, Reply, error, sts};
use crate::backend::{Backend, State};
use crate::core::api::{ApiError, plausible_message};
use crate::core::faults::{Fault, FaultKind, Verdict};
use crate::journal::Call;

pub(crate) async fn answer(backend: &Backend, request: AwsRequest) -> Reply {
    let (exchange, verdict) = Exchange::arrive(backend, request);
    let Some(Verdict { latency, late, outcome }) = verdict else {
        let error = ApiError::too_many_requests(&exchange.target.name);
        return exchange.refuse(error, "throttle");
    };
    pause(latency).await;
    let delay = [(latency, "latency"), (late, "late")].into_iter().find(|(by, _)| !by.is_zero()).map(|(_, word)| word);
    let reply = match outcome {
        None => exchange.perform(delay),
        Some(fault) => exchange.suffer(&fault),
    };
    pause(late).await;
    reply
}

async fn pause(duration: Duration) {
    if !duration.is_zero() {
        tokio::time::sleep(duration).await;
    }
}

/// The answer of an operation that took effect.
struct Done {
    body: String,
    message_id: Option<String>,
}

struct Exchange<'a> {
    backend: &'a Backend,
    request: AwsRequest,
    target: Target,
    at_ms: u64,
    time: Timestamp,
}

impl<'a> Exchange<'a> {
    /// Accepts a request and selects its fault; `None`: the rate limit refuses it. The limits are those of SES: one for
    /// sending, one for all other calls. The limit of STS is too high to matter.
    fn arrive(backend: &'a Backend, request: AwsRequest) -> (Self, Option<Verdict>) {
        let mut state = backend.state();
        let target = Target::of(&request, &state.ses.account);
        let elapsed = state.clock.elapsed();
        let admitted = match (target.service, target.operation) {
            (Service::Sts, _) => true,
            (Service::Ses, operation) => state.ses.admits(operation.is_some_and(Operation::sends), elapsed),
        };
        let verdict = admitted.then(|| state.ses.faults.judge(&target.name, target.identity.as_deref()));
        let (at_ms, time) = (state.millis(), state.clock.now());
        drop(state);
        (Self { backend, request, target, at_ms, time }, verdict)
    }

    /// Executes the operation as far as the fault allows, and answers as the fault requires.
    fn suffer(&self, fault: &Fault) -> Reply {
        match &fault.kind {
            FaultKind::Error { status, code, message } => {
                let plausible = plausible_message(code, &self.target.name);
                let message = if message.is_empty() { plausible } else { message.clone() };
                self.forestalled(fault, Some(ApiError::new(*status, code, message)), "error")
            }
            FaultKind::Drop => self.forestalled(fault, None, "drop"),
            FaultKind::Malformed => broken(self.perform(Some("malformed"))),
            // A delay is not an outcome; the verdict contains it separately.
            FaultKind::Latency(_) | FaultKind::Late(_) => self.perform(None),
        }
    }

    /// Executes the operation and records it in one step: a visible effect is always in the journal.
    fn perform(&self, label: Option<&str>) -> Reply {
        let mut state = self.backend.state();
        let result = self.execute(&mut state);
        let accepted = result.as_ref().ok().and_then(|done| done.message_id.clone());
        let result = result.map(|done| done.body);
        self.note(&mut state, Some(&result), accepted, label);
        self.reply(result)
    }

    /// Records a refusal without executing the operation.
    fn refuse(&self, error: ApiError, label: &str) -> Reply {
        let refused = Err(error);
        self.note(&mut self.backend.state(), Some(&refused), None, Some(label));
        self.reply(refused)
    }

    /// An error or no answer, whether or not the operation takes effect.
    fn forestalled(&self, fault: &Fault, error: Option<ApiError>, label: &str) -> Reply {
        let mut state = self.backend.state();
        // The caller does not learn the outcome; the journal does.
        let done = fault.after_effect.then(|| self.execute(&mut state).ok()).flatten();
        let refused = error.map(Err);
        self.note(&mut state, refused.as_ref(), done.and_then(|done| done.message_id), Some(label));
        refused.map_or(Reply::Closed, |refused| self.reply(refused))
    }

    fn execute(&self, state: &mut State) -> Result<Done, ApiError> {
        let name = &self.target.name;
        if self.target.service == Service::Sts {
            let body = sts::answer(&state.ses.account.settings, name)?;
            return Ok(Done { body, message_id: None });
        }
        let unknown =
            || ApiError::new(404, "UnknownOperationException", format!("The simulator has no operation {name}"));
        let operation = self.target.operation.ok_or_else(unknown)?;
        let (now, call) = (state.clock.now(), state.calls.count());
        let mut cx = state.ses.context(now, call);
        let answer = (operation.run)(&mut cx, &Input { target: &self.target, request: &self.request })?;
        let message_id = answer["MessageId"].as_str().map(str::to_owned);
        if let Some(mail) = message_id.as_ref().and_then(|id| state.ses.account.mailbox.get(id)) {
            self.backend.scans.lay(mail, state.scanners.iter().copied());
        }
        Ok(Done { body: answer.to_string(), message_id })
    }

    /// Writes the call into the journal; no result means no answer.
    fn note(
        &self,
        state: &mut State,
        result: Option<&Result<String, ApiError>>,
        accepted: Option<String>,
        label: Option<&str>,
    ) {
        let (status, error) = match result {
            None => (0, None),
            Some(Ok(_)) => (200, None),
            Some(Err(error)) => (error.status, Some(error.code.clone())),
        };
        state.calls.push(|seq| Call {
            seq,
            at_ms: self.at_ms,
            time: self.time,
            service: self.target.service.as_str(),
            operation: self.target.name.clone(),
            identity: self.target.identity.clone(),
            tenant: self.target.tenant.clone(),
            access_key: self.request.access_key.clone(),
            status,
            error,
            fault: label.map(str::to_owned),
            request: summary(&self.request),
            email: self.target.operation.is_some_and(Operation::sends).then(|| email(&self.request, accepted)),
        });
    }

    /// The answer in the protocol of its service.
    fn reply(&self, result: Result<String, ApiError>) -> Reply {
        let content_type = if self.target.service == Service::Sts { "text/xml" } else { "application/json" };
        match result {
            Ok(body) => Reply::Answer { status: 200, error: None, content_type, body },
            Err(error) => {
                let sts = self.target.service == Service::Sts;
                let body = if sts { sts::error(&error) } else { error::body(&error).to_string() };
                Reply::Answer { status: error.status, error: Some(error.code), content_type, body }
            }
        }
    }
}

/// The same answer, truncated.
fn broken(reply: Reply) -> Reply {
    match reply {
        Reply::Answer { status, error, content_type, body } => {
            let half = body.chars().take(body.chars().count() / 2).collect();
            Reply::Answer { status, error, content_type, body: half }
        }
        Reply::Closed => Reply::Closed,
    }
}
