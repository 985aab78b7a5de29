//! The actions of the page's forms. Each returns to the page, or gives the reason of a failure in one sentence.

use axum::Form;
use axum::extract::State;
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::html::escaped;
use crate::control::{ControlRefusal, mail_from, span_from};
use crate::core::NoSuch;
use crate::core::account::{AccountPatch, IdentityPatch, TenantPatch};
use crate::core::faults::Fault;
use crate::handle::Handle;
use crate::scan::Scanner;

/// Redirects to the page, or shows the reason and a link back.
fn done(result: Result<(), ControlRefusal>) -> Response {
    back_to("/", result)
}

fn back_to(page: &str, result: Result<(), ControlRefusal>) -> Response {
    match result {
        Ok(()) => Redirect::to(page).into_response(),
        Err(refusal) => {
            let text = format!(
                "<!doctype html><meta name=viewport content=\"width=device-width\"><title>That did not work</title>\
                 <body style=\"font:1rem system-ui;color-scheme:light dark;margin:2rem\"><p>{}</p>\
                 <p><a href=\"{page}\">Back to the simulator</a></p>",
                escaped(refusal.why())
            );
            (refusal.status(), Html(text)).into_response()
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Advance {
    by: String,
}

pub(super) async fn advance(State(handle): State<Handle>, Form(form): Form<Advance>) -> Response {
    match span_from(&form.by) {
        Ok(span) => {
            handle.advance(span).await;
            done(Ok(()))
        }
        Err(refusal) => done(Err(refusal)),
    }
}

#[derive(Deserialize)]
pub(super) struct Record {
    name: String,
    rtype: String,
    value: String,
}

/// Adds one value to the existing ones.
pub(super) async fn add_record(State(handle): State<Handle>, Form(form): Form<Record>) -> Response {
    done(handle.change_values(&form.name, &form.rtype, |values| values.push(form.value)).map_err(ControlRefusal::wrong))
}

/// Removes one value.
pub(super) async fn remove_record(State(handle): State<Handle>, Form(form): Form<Record>) -> Response {
    let keep = |value: &mut String| *value != form.value;
    done(handle.change_values(&form.name, &form.rtype, |values| values.retain_mut(keep)).map_err(ControlRefusal::wrong))
}

#[derive(Deserialize)]
pub(super) struct IdentityForm {
    name: String,
    action: String,
}

/// Actions of the AWS console, and of the owner of the domain.
pub(super) async fn identity(State(handle): State<Handle>, Form(form): Form<IdentityForm>) -> Response {
    let name = &form.name;
    let signing = |on| handle.change_identity(name, IdentityPatch::default().signing_enabled(on));
    let there = match form.action.as_str() {
        "publish" => return done(handle.publish_dkim(name).map_err(ControlRefusal::wrong)),
        "unpublish" => return done(handle.unpublish_dkim(name).map_err(ControlRefusal::wrong)),
        "publish-mail-from" => {
            let published = mail_from(&handle, name);
            return done(published.and_then(|domain| handle.publish_mail_from(&domain).map_err(ControlRefusal::wrong)));
        }
        "unpublish-mail-from" => {
            let removed = mail_from(&handle, name);
            return done(removed.and_then(|domain| handle.unpublish_mail_from(&domain).map_err(ControlRefusal::wrong)));
        }
        "click" => return done(handle.confirm_address(name).map_err(ControlRefusal::from)),
        "signing-off" => signing(false),
        "signing-on" => signing(true),
        "delete" => handle.remove_identity(name),
        "create" if crate::core::account::acceptable(name) => {
            handle.put_identity(name, IdentityPatch::default());
            true
        }
        "create" => return done(Err(ControlRefusal::wrong(format!("{name:?} is neither a domain nor an address")))),
        other => return done(Err(ControlRefusal::wrong(format!("there is no action {other:?}")))),
    };
    done(if there { Ok(()) } else { Err(ControlRefusal::missing(format!("there is no identity {name}"))) })
}

#[derive(Deserialize)]
pub(super) struct TenantForm {
    name: String,
    action: String,
}

pub(super) async fn tenant(State(handle): State<Handle>, Form(form): Form<TenantForm>) -> Response {
    done(match form.action.as_str() {
        "create" if crate::core::account::tenant_name_fits(&form.name) => {
            handle.put_tenant(&form.name, TenantPatch::default());
            Ok(())
        }
        "create" => Err(ControlRefusal::wrong("the name of a tenant is 1 to 64 of A-Z, a-z, 0-9, _ and -")),
        "delete" if handle.remove_tenant(&form.name) => Ok(()),
        "delete" => Err(NoSuch::Tenant(form.name).into()),
        other => Err(ControlRefusal::wrong(format!("there is no action {other:?}"))),
    })
}

#[derive(Deserialize)]
pub(super) struct Association {
    tenant: String,
    resource: String,
    action: String,
}

pub(super) async fn association(State(handle): State<Handle>, Form(form): Form<Association>) -> Response {
    done(match form.action.as_str() {
        "begin" => handle.associate(&form.tenant, &form.resource).map_err(ControlRefusal::from),
        "end" => handle.disassociate(&form.tenant, &form.resource).map(drop).map_err(ControlRefusal::from),
        other => Err(ControlRefusal::wrong(format!("there is no action {other:?}"))),
    })
}

#[derive(Deserialize)]
pub(super) struct Switch {
    what: String,
}

pub(super) async fn clear_mails(State(handle): State<Handle>) -> Response {
    handle.clear_mails();
    back_to("/mail", Ok(()))
}

#[derive(Deserialize)]
pub(super) struct ScannerForm {
    name: String,
    turn: String,
}

pub(super) async fn scanner(State(handle): State<Handle>, Form(form): Form<ScannerForm>) -> Response {
    let result = match (Scanner::named(&form.name), form.turn.as_str()) {
        (Some(scanner), turn @ ("on" | "off")) => {
            handle.scan(scanner, turn == "on");
            Ok(())
        }
        (None, _) => Err(ControlRefusal::wrong(format!("there is no scanner {:?}", form.name))),
        (_, other) => Err(ControlRefusal::wrong(format!("there is no turn {other:?}"))),
    };
    back_to("/mail", result)
}

/// Faults for one click.
pub(super) async fn switch(State(handle): State<Handle>, Form(form): Form<Switch>) -> Response {
    match form.what.as_str() {
        "dns-down" => handle.dns_down(true),
        "dns-up" => handle.dns_down(false),
        "errors" => handle.fault(Fault::internal()),
        "slow" => handle.fault(Fault::latency(std::time::Duration::from_secs(3))),
        "well" => {
            handle.clear_faults();
            handle.clear_dns_faults();
        }
        "sandbox" | "production" => handle.change_account(AccountPatch {
            production_access: Some(form.what == "production"),
            ..AccountPatch::default()
        }),
        "pause" | "resume" => handle
            .change_account(AccountPatch { sending_enabled: Some(form.what == "resume"), ..AccountPatch::default() }),
        "throttle-on" => handle.throttle(Some(1.0)),
        "throttle-off" => handle.throttle(None),
        "clear-journal" => handle.clear_journal(),
        other => return done(Err(ControlRefusal::wrong(format!("there is no switch {other:?}")))),
    }
    done(Ok(()))
}
