//! The HTTP control API under `/control`: everything that [`Handle`] can do, for curl and for programs.
//!
//! Bodies are read regardless of their content type, so `curl -d` needs no header.

mod aws;
mod dns;
mod mail;
mod tenants;
mod time;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::core::NoSuch;
use crate::handle::Handle;

pub(crate) use dns::mail_from;
pub(crate) use time::span_from;

const HELP: &str = "\
GET    /control/state                            everything at a glance, JSON
GET    /control/identities                       JSON
GET    /control/identities/NAME                  JSON
PUT    /control/identities/NAME                  create (or change) as somebody in the console; body: JSON patch or empty
PATCH  /control/identities/NAME                  change behind everybody's back; body: JSON patch
DELETE /control/identities/NAME                  delete behind everybody's back
PUT    /control/identities/NAME/dkim-records     publish the records SES looks for
DELETE /control/identities/NAME/dkim-records     remove them
PUT    /control/identities/NAME/mail-from-records    publish the MX record of its MAIL FROM domain, and SPF
DELETE /control/identities/NAME/mail-from-records    remove them
PUT    /control/identities/NAME/policies/POLICY  write a policy; body: JSON
DELETE /control/identities/NAME/policies/POLICY  take it away
POST   /control/identities/NAME/click            click the link in the mail to an address, as its owner
GET    /control/tenants                          JSON
GET    /control/tenants/NAME                     JSON
PUT    /control/tenants/NAME                     create or change; body: JSON patch or empty
DELETE /control/tenants/NAME                     delete, and end its associations
PUT    /control/tenants/NAME/resources/RESOURCE  associate an identity, configuration-set/NAME or an ARN
DELETE /control/tenants/NAME/resources/RESOURCE  end that
GET    /control/zone                             all DNS records, as a zone file
PUT    /control/zone/NAME/TYPE[?ttl=SECONDS]     set records; body: one value per line
DELETE /control/zone/NAME/TYPE                   remove records
GET    /control/dns/faults                       JSON
PUT    /control/dns/faults/NAME                  body: servfail | timeout | refused | wrong VALUE
DELETE /control/dns/faults[/NAME]                end one fault, or all and bring the server back
PUT    /control/dns/down                         the whole DNS server falls silent
DELETE /control/dns/down                         and speaks again
GET    /control/dns/journal                      DNS questions, JSON
GET    /control/clock                            the simulated time
PUT    /control/clock                            body: a timestamp such as 2030-01-01T00:00:00Z
POST   /control/clock/advance                    body: a time span such as 72h, 3d or 90m
GET    /control/journal[?after=SEQ]              AWS calls, JSON
DELETE /control/journal                          forget them
GET    /control/faults                           JSON
POST   /control/faults                           body: {\"kind\": …, \"operation\": …, \"identity\": …, \"times\": …, \"share\": …}
DELETE /control/faults                           end them all
GET    /control/throttle                         calls per second, or off
PUT    /control/throttle                         body: a number or off
GET    /control/send-throttle                    recipients per second, or off; the number is part of the account
PUT    /control/send-throttle                    body: on | off
GET    /control/mails[?to=ADDRESS]               all mails that were accepted, JSON
GET    /control/mails/ID                         one mail, JSON
GET    /control/mails/ID/SIDE                    its text | html | headers | source | links
DELETE /control/mails                            forget them all
GET    /control/suppressed                       addresses SES delivers nothing to, JSON
PUT    /control/suppressed/ADDRESS               suppress one; body: BOUNCE | COMPLAINT
DELETE /control/suppressed/ADDRESS               take it off the list
GET    /control/scanners                         which link scanners are on, and whether they are idle, JSON
PUT    /control/scanners/NAME                    fetch | submit; body: on | off
GET    /control/scanners/idle                    answers when the scanners are idle
GET    /control/visits                           what the scanners did, JSON
DELETE /control/visits                           forget it
GET    /control/account                          JSON
PATCH  /control/account                          body: JSON patch
GET    /control/configuration-sets               JSON
PUT    /control/configuration-sets/NAME          make one
DELETE /control/configuration-sets/NAME          remove it
";

pub(crate) fn router() -> Router<Handle> {
    Router::new()
        .route("/", get(async || HELP))
        .route("/state", get(time::state))
        .route("/identities", get(async |State(sim): State<Handle>| pretty(&sim.identities())))
        .route(
            "/identities/{name}",
            get(aws::identity).put(aws::put_identity).patch(aws::change_identity).delete(aws::remove_identity),
        )
        .route("/identities/{name}/dkim-records", put(dns::publish_dkim).delete(dns::unpublish_dkim))
        .route("/identities/{name}/mail-from-records", put(dns::publish_mail_from).delete(dns::unpublish_mail_from))
        .route("/identities/{name}/policies/{policy}", put(aws::put_policy).delete(aws::remove_policy))
        .route("/identities/{name}/click", post(aws::click))
        .route("/tenants", get(async |State(sim): State<Handle>| pretty(&sim.tenants())))
        .route("/tenants/{name}", get(tenants::one).put(tenants::put).delete(tenants::remove))
        .route("/tenants/{name}/resources/{*resource}", put(tenants::associate).delete(tenants::disassociate))
        .route("/zone", get(async |State(sim): State<Handle>| dns::zone_text(&sim)))
        .route("/zone/{name}/{rtype}", put(dns::set_record).delete(dns::remove_record))
        .route("/dns/faults", get(dns::faults).delete(dns::clear_faults))
        .route("/dns/faults/{name}", put(dns::set_fault).delete(dns::clear_fault))
        .route(
            "/dns/down",
            put(async |State(sim): State<Handle>| sim.dns_down(true))
                .delete(async |State(sim): State<Handle>| sim.dns_down(false)),
        )
        .route("/dns/journal", get(async |State(sim): State<Handle>| pretty(&sim.dns_queries())))
        .route("/clock", get(time::clock).put(time::set_clock))
        .route("/clock/advance", post(time::advance))
        .route("/journal", get(time::journal).delete(async |State(sim): State<Handle>| sim.clear_journal()))
        .route(
            "/faults",
            get(aws::faults).post(aws::add_fault).delete(async |State(sim): State<Handle>| sim.clear_faults()),
        )
        .route("/throttle", get(aws::rate).put(aws::set_rate))
        .route("/send-throttle", get(mail::send_rate).put(mail::set_send_rate))
        .route("/mails", get(mail::all).delete(async |State(sim): State<Handle>| sim.clear_mails()))
        .route("/mails/{id}", get(mail::one))
        .route("/mails/{id}/{side}", get(mail::side))
        .route("/suppressed", get(mail::suppressed))
        .route("/suppressed/{address}", put(mail::suppress).delete(mail::unsuppress))
        .route("/scanners", get(mail::scanners))
        .route("/scanners/idle", get(mail::idle))
        .route("/scanners/{name}", put(mail::set_scanner))
        .route(
            "/visits",
            get(async |State(sim): State<Handle>| pretty(&sim.visits()))
                .delete(async |State(sim): State<Handle>| sim.clear_visits()),
        )
        .route("/account", get(aws::account).patch(aws::change_account))
        .route("/configuration-sets", get(aws::configuration_sets))
        .route("/configuration-sets/{name}", put(aws::put_configuration_set).delete(aws::remove_configuration_set))
        .fallback(async || ControlRefusal::missing("no such control call; GET /control lists them"))
}

#[derive(Debug)]
pub(crate) struct ControlRefusal {
    status: StatusCode,
    why: String,
}

impl ControlRefusal {
    #[allow(clippy::needless_pass_by_value)] // An error comes as a value from `map_err`.
    pub(crate) fn wrong(why: impl ToString) -> Self {
        Self { status: StatusCode::BAD_REQUEST, why: why.to_string() }
    }

    pub(crate) fn missing(why: impl Into<String>) -> Self {
        Self { status: StatusCode::NOT_FOUND, why: why.into() }
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    pub(crate) fn why(&self) -> &str {
        &self.why
    }
}

impl From<NoSuch> for ControlRefusal {
    fn from(missing: NoSuch) -> Self {
        let status = if matches!(missing, NoSuch::Link(_)) { StatusCode::GONE } else { StatusCode::NOT_FOUND };
        Self { status, why: missing.to_string() }
    }
}

impl IntoResponse for ControlRefusal {
    fn into_response(self) -> Response {
        (self.status, format!("{}\n", self.why)).into_response()
    }
}

fn pretty<T: Serialize>(value: &T) -> Response {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    ([(header::CONTENT_TYPE, "application/json")], text + "\n").into_response()
}

/// A JSON body; an empty one is an empty object.
fn parse<T: DeserializeOwned>(body: &str) -> Result<T, ControlRefusal> {
    let body = if body.trim().is_empty() { "{}" } else { body };
    serde_json::from_str(body).map_err(ControlRefusal::wrong)
}
