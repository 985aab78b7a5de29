//! Control of the AWS side.

use axum::extract::{Path, State};
use axum::response::Response;

use super::{ControlRefusal, parse, pretty};
use crate::core::faults::Fault;
use crate::handle::Handle;

fn no_identity(name: &str) -> ControlRefusal {
    ControlRefusal::missing(format!("there is no identity {name}"))
}

pub(super) async fn identity(
    State(handle): State<Handle>,
    Path(name): Path<String>,
) -> Result<Response, ControlRefusal> {
    let view = handle.identity(&name).ok_or_else(|| no_identity(&name))?;
    Ok(pretty(&view))
}

pub(super) async fn put_identity(
    State(handle): State<Handle>,
    Path(name): Path<String>,
    body: String,
) -> Result<Response, ControlRefusal> {
    handle.put_identity(&name, parse(&body)?);
    Ok(pretty(&handle.identity(&name)))
}

pub(super) async fn change_identity(
    State(handle): State<Handle>,
    Path(name): Path<String>,
    body: String,
) -> Result<Response, ControlRefusal> {
    if !handle.change_identity(&name, parse(&body)?) {
        return Err(no_identity(&name));
    }
    Ok(pretty(&handle.identity(&name)))
}

pub(super) async fn remove_identity(
    State(handle): State<Handle>,
    Path(name): Path<String>,
) -> Result<String, ControlRefusal> {
    if handle.remove_identity(&name) { Ok(format!("{name} is deleted\n")) } else { Err(no_identity(&name)) }
}

pub(super) async fn put_policy(
    State(handle): State<Handle>,
    Path((name, policy)): Path<(String, String)>,
    body: String,
) -> Result<Response, ControlRefusal> {
    handle.put_policy(&name, &policy, body.trim())?;
    Ok(pretty(&handle.identity(&name)))
}

pub(super) async fn remove_policy(
    State(handle): State<Handle>,
    Path((name, policy)): Path<(String, String)>,
) -> Result<Response, ControlRefusal> {
    if !handle.remove_policy(&name, &policy)? {
        return Err(ControlRefusal::missing(format!("{name} has no policy {policy}")));
    }
    Ok(pretty(&handle.identity(&name)))
}

pub(super) async fn click(State(handle): State<Handle>, Path(name): Path<String>) -> Result<Response, ControlRefusal> {
    handle.confirm_address(&name)?;
    Ok(pretty(&handle.identity(&name)))
}

pub(super) async fn faults(State(handle): State<Handle>) -> Response {
    pretty(&handle.faults())
}

pub(super) async fn add_fault(State(handle): State<Handle>, body: String) -> Result<Response, ControlRefusal> {
    let fault: Fault = parse(&body)?;
    handle.fault(fault);
    Ok(pretty(&handle.faults()))
}

pub(super) async fn rate(State(handle): State<Handle>) -> String {
    handle.rate().map_or_else(|| "off\n".to_owned(), |rate| format!("{rate}\n"))
}

pub(super) async fn set_rate(State(handle): State<Handle>, body: String) -> Result<String, ControlRefusal> {
    handle.throttle(rate_from(&body)?);
    Ok(rate(State(handle)).await)
}

/// `off` or a number of calls per second.
fn rate_from(text: &str) -> Result<Option<f64>, ControlRefusal> {
    match text.trim() {
        "off" => Ok(None),
        number => match number.parse::<f64>() {
            Ok(rate) if rate.is_finite() && rate >= 0.0 => Ok(Some(rate)),
            _ => Err(ControlRefusal::wrong(format!("{number:?} is neither a rate nor off"))),
        },
    }
}

pub(super) async fn account(State(handle): State<Handle>) -> Response {
    pretty(&handle.account())
}

pub(super) async fn change_account(State(handle): State<Handle>, body: String) -> Result<Response, ControlRefusal> {
    handle.change_account(parse(&body)?);
    Ok(account(State(handle)).await)
}

pub(super) async fn configuration_sets(State(handle): State<Handle>) -> Response {
    pretty(&handle.configuration_sets())
}

pub(super) async fn put_configuration_set(State(handle): State<Handle>, Path(name): Path<String>) -> Response {
    handle.put_configuration_set(&name);
    configuration_sets(State(handle)).await
}

pub(super) async fn remove_configuration_set(
    State(handle): State<Handle>,
    Path(name): Path<String>,
) -> Result<Response, ControlRefusal> {
    if !handle.remove_configuration_set(&name) {
        return Err(ControlRefusal::missing(format!("there is no configuration set {name}")));
    }
    Ok(configuration_sets(State(handle)).await)
}
