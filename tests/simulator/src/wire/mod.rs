//! The AWS protocols: from an HTTP request to the operation and back, through throttle, faults and journal.

mod account;
mod dkim;
mod error;
mod identities;
mod list;
mod operation;
mod sts;
mod tags;

use std::time::Duration;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::faults::{Fault, FaultKind, Verdict};
use crate::journal::Call;
use crate::state::{Account, Identity};
use crate::world::World;
use error::{ApiError, plausible_message};
use operation::{Operation, query, route};

/// A request as it came.
#[derive(Debug)]
pub(crate) struct AwsRequest {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) access_key: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// What the caller gets.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// An answer.
    Answer { status: u16, error: Option<String>, content_type: &'static str, body: String },
    /// The connection closes without one.
    Closed,
}

/// How a list answer is spoilt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PageFault {
    Truncated,
    EmptyPage,
    EmptyList,
}

/// What an operation works on.
pub(crate) struct Context<'a> {
    pub(crate) account: &'a mut Account,
    /// Simulated time.
    pub(crate) now: Timestamp,
    /// A number no other call has.
    pub(crate) call: u64,
    pub(crate) page_fault: Option<PageFault>,
}

impl Context<'_> {
    fn found(&self, name: &str) -> Result<&Identity, ApiError> {
        self.account.identity(name).ok_or_else(|| ApiError::no_identity(name))
    }

    fn found_mut(&mut self, name: &str) -> Result<&mut Identity, ApiError> {
        self.account.identity_mut(name).ok_or_else(|| ApiError::no_identity(name))
    }
}

/// What a request turned out to be.
struct Target {
    service: &'static str,
    /// For journal and faults.
    name: String,
    /// `None` for STS and for operations the simulator does not have.
    operation: Option<Operation>,
    identity: Option<String>,
}

impl Target {
    fn of(request: &AwsRequest, account: &Account) -> Self {
        if request.path == "/" {
            return Self { service: "sts", name: sts::action(&request.body), operation: None, identity: None };
        }
        match route(&request.method, &request.path) {
            Some((operation, identity)) => Self {
                service: "ses",
                name: operation.name().to_owned(),
                operation: Some(operation),
                identity: identity.or_else(|| named_elsewhere(request, account)),
            },
            None => Self {
                service: "ses",
                name: format!("{} {}", request.method, request.path),
                operation: None,
                identity: None,
            },
        }
    }
}

/// The identity in the body or in an ARN.
fn named_elsewhere(request: &AwsRequest, account: &Account) -> Option<String> {
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    if let Some(name) = body["EmailIdentity"].as_str() {
        return Some(name.to_owned());
    }
    let in_query = query(&request.query).into_iter().find(|(key, _)| key == "ResourceArn").map(|(_, arn)| arn);
    let arn = in_query.or_else(|| body["ResourceArn"].as_str().map(str::to_owned))?;
    account.name_in_arn(&arn).map(str::to_owned)
}

/// Answers a request.
pub(crate) async fn answer(world: &World, request: AwsRequest) -> Reply {
    let (target, arrived, admitted, verdict) = arrive(world, &request);
    if !admitted {
        return finish(
            world,
            &request,
            &target,
            arrived,
            Err(ApiError::too_many_requests()),
            Some("throttle".to_owned()),
        );
    }
    let Verdict { latency, late, outcome } = verdict;
    pause(latency).await;
    let (result, label) = take_effect(world, &request, &target, outcome.as_ref());
    let delayed = (!latency.is_zero()).then_some("latency").or((!late.is_zero()).then_some("late"));
    let label = label.or(delayed.map(str::to_owned));
    let closed = matches!(outcome.as_ref().map(|fault| &fault.kind), Some(FaultKind::Drop));
    let malformed = matches!(outcome.as_ref().map(|fault| &fault.kind), Some(FaultKind::Malformed));
    if closed {
        journal(world, &request, &target, arrived, 0, None, label);
        pause(late).await;
        return Reply::Closed;
    }
    let reply = finish(world, &request, &target, arrived, result, label);
    pause(late).await;
    if malformed { broken(reply) } else { reply }
}

/// When a call came.
#[derive(Clone, Copy)]
struct Arrival {
    at_ms: u64,
    time: Timestamp,
}

fn arrive(world: &World, request: &AwsRequest) -> (Target, Arrival, bool, Verdict) {
    let mut state = world.state();
    let target = Target::of(request, &state.account);
    let arrival = Arrival { at_ms: state.millis(), time: state.clock.now() };
    let elapsed = state.clock.elapsed();
    // The limit is one of SES; STS has its own, which nobody meets.
    let admitted = target.service != "ses" || state.throttle.admit(elapsed);
    let verdict =
        if admitted { state.faults.judge(&target.name, target.identity.as_deref()) } else { Verdict::default() };
    (target, arrival, admitted, verdict)
}

async fn pause(duration: Duration) {
    if !duration.is_zero() {
        tokio::time::sleep(duration).await;
    }
}

/// Carries out the operation unless a fault forestalls it. Gives the result and a word for the journal.
fn take_effect(
    world: &World,
    request: &AwsRequest,
    target: &Target,
    outcome: Option<&Fault>,
) -> (Result<String, ApiError>, Option<String>) {
    let page_fault = match outcome.map(|fault| &fault.kind) {
        Some(FaultKind::TruncatedPage) => Some(PageFault::Truncated),
        Some(FaultKind::EmptyPage) => Some(PageFault::EmptyPage),
        Some(FaultKind::EmptyList) => Some(PageFault::EmptyList),
        _ => None,
    };
    let Some(fault) = outcome else { return (execute(world, request, target, None), None) };
    let (label, forestalled) = match &fault.kind {
        FaultKind::Error { status, code, message } => {
            let text = if message.is_empty() { plausible_message(code, &target.name) } else { message.clone() };
            ("error", Some(Err(ApiError::new(*status, code, text))))
        }
        FaultKind::Drop => ("drop", Some(Ok(String::new()))),
        FaultKind::Malformed => ("malformed", None),
        FaultKind::TruncatedPage => ("truncated_page", None),
        FaultKind::EmptyPage => ("empty_page", None),
        FaultKind::EmptyList => ("empty_list", None),
        FaultKind::Latency(_) | FaultKind::Late(_) => ("latency", None),
    };
    let result = match forestalled {
        Some(result) => {
            if fault.after_effect {
                let _ = execute(world, request, target, page_fault);
            }
            result
        }
        None => execute(world, request, target, page_fault),
    };
    (result, Some(label.to_owned()))
}

fn execute(
    world: &World,
    request: &AwsRequest,
    target: &Target,
    page_fault: Option<PageFault>,
) -> Result<String, ApiError> {
    let mut state = world.state();
    if target.service == "sts" {
        return sts::answer(&state.account.settings, &target.name);
    }
    let now = state.clock.now();
    let call = state.calls.count();
    let mut cx = Context { account: &mut state.account, now, call, page_fault };
    dispatch(&mut cx, request, target).map(|answer| answer.to_string())
}

fn dispatch(cx: &mut Context<'_>, request: &AwsRequest, target: &Target) -> Result<Value, ApiError> {
    let unknown =
        || ApiError::new(404, "UnknownOperationException", format!("The simulator has no operation {}", target.name));
    let operation = target.operation.ok_or_else(unknown)?;
    let name = target.identity.as_deref().unwrap_or_default();
    let body = &request.body;
    match operation {
        Operation::CreateEmailIdentity => identities::create(cx, body),
        Operation::GetEmailIdentity => identities::get(cx, name),
        Operation::ListEmailIdentities => list::list(cx, body),
        Operation::DeleteEmailIdentity => identities::delete(cx, name),
        Operation::PutEmailIdentityDkimAttributes => dkim::put_attributes(cx, name, body),
        Operation::PutEmailIdentityDkimSigningAttributes => dkim::put_signing(cx, name, body),
        Operation::PutEmailIdentityConfigurationSetAttributes => identities::put_configuration_set(cx, name, body),
        Operation::TagResource => tags::tag(cx, body),
        Operation::UntagResource => tags::untag(cx, &query(&request.query)),
        Operation::ListTagsForResource => tags::list(cx, &query(&request.query)),
        Operation::GetAccount => Ok(account::get(cx)),
    }
}

/// A JSON body; an empty one is an empty object.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| ApiError::serialization(&error))
}

/// Writes the answer and notes the call.
fn finish(
    world: &World,
    request: &AwsRequest,
    target: &Target,
    arrival: Arrival,
    result: Result<String, ApiError>,
    fault: Option<String>,
) -> Reply {
    let (status, error) = match &result {
        Ok(_) => (200, None),
        Err(error) => (error.status, Some(error.code.clone())),
    };
    journal(world, request, target, arrival, status, error.clone(), fault);
    let xml = target.service == "sts";
    let body = match result {
        Ok(body) => body,
        Err(error) if xml => sts::error(&error),
        Err(error) => serde_json::json!({"message": error.message}).to_string(),
    };
    Reply::Answer { status, error, content_type: if xml { "text/xml" } else { "application/json" }, body }
}

fn journal(
    world: &World,
    request: &AwsRequest,
    target: &Target,
    arrival: Arrival,
    status: u16,
    error: Option<String>,
    fault: Option<String>,
) {
    world.state().calls.push(|seq| Call {
        seq,
        at_ms: arrival.at_ms,
        time: arrival.time,
        service: target.service,
        operation: target.name.clone(),
        identity: target.identity.clone(),
        access_key: request.access_key.clone(),
        status,
        error,
        fault,
        request: summary(request),
    });
}

/// The request in short, without private keys.
fn summary(request: &AwsRequest) -> String {
    let text = String::from_utf8_lossy(&request.body);
    let mut summary = match serde_json::from_slice::<Value>(&request.body) {
        Ok(mut body) => {
            for place in ["DkimSigningAttributes", "SigningAttributes"] {
                if let Some(key) = body.get_mut(place).and_then(|it| it.get_mut("DomainSigningPrivateKey")) {
                    *key = Value::from("…");
                }
            }
            body.to_string()
        }
        Err(_) => text.into_owned(),
    };
    if !request.query.is_empty() {
        summary = format!("?{} {summary}", request.query);
    }
    summary.chars().take(2000).collect()
}

/// The same answer, broken off in the middle.
fn broken(reply: Reply) -> Reply {
    match reply {
        Reply::Answer { status, error, content_type, body } => {
            let half = body.chars().take(body.chars().count() / 2).collect();
            Reply::Answer { status, error, content_type, body: half }
        }
        Reply::Closed => Reply::Closed,
    }
}
