//! Control of tenants and their associations.

use axum::extract::{Path, State};
use axum::response::Response;

use super::{ControlRefusal, parse, pretty};
use crate::core::NoSuch;
use crate::handle::Handle;

pub(super) async fn one(State(handle): State<Handle>, Path(name): Path<String>) -> Result<Response, ControlRefusal> {
    let tenant = handle.tenant(&name).ok_or(NoSuch::Tenant(name))?;
    Ok(pretty(&tenant))
}

pub(super) async fn put(
    State(handle): State<Handle>,
    Path(name): Path<String>,
    body: String,
) -> Result<Response, ControlRefusal> {
    handle.put_tenant(&name, parse(&body)?);
    Ok(pretty(&handle.tenant(&name)))
}

pub(super) async fn remove(State(handle): State<Handle>, Path(name): Path<String>) -> Result<String, ControlRefusal> {
    if handle.remove_tenant(&name) { Ok(format!("{name} is deleted\n")) } else { Err(NoSuch::Tenant(name).into()) }
}

pub(super) async fn associate(
    State(handle): State<Handle>,
    Path((name, resource)): Path<(String, String)>,
) -> Result<Response, ControlRefusal> {
    handle.associate(&name, &resource)?;
    Ok(pretty(&handle.tenant(&name)))
}

pub(super) async fn disassociate(
    State(handle): State<Handle>,
    Path((name, resource)): Path<(String, String)>,
) -> Result<Response, ControlRefusal> {
    if !handle.disassociate(&name, &resource)? {
        return Err(ControlRefusal::missing(format!("{resource} does not belong to {name}")));
    }
    Ok(pretty(&handle.tenant(&name)))
}
