//! The page for people: state, events, and buttons for actions.
//!
//! The server renders it. Without JavaScript it works, but does not refresh automatically.

mod actions;
mod cards;
mod html;
mod mail;
mod mailbox;
mod sections;
mod tenants;

use axum::Router;
use axum::extract::State;
use axum::response::Html;
use axum::routing::{get, post};

use crate::handle::Handle;
pub(crate) use mail::mail_body;

/// The dynamic parts, by their names in the frame.
fn parts(handle: &Handle) -> [(&'static str, String); 8] {
    [
        ("{{clock}}", sections::clock(handle)),
        ("{{door}}", mailbox::door(handle)),
        ("{{faults}}", sections::faults(handle)),
        ("{{identities}}", cards::identities(handle)),
        ("{{tenants}}", tenants::tenants(handle)),
        ("{{zone}}", sections::zone(handle)),
        ("{{journal}}", sections::journal(handle)),
        ("{{questions}}", sections::questions(handle)),
    ]
}

/// `GET /`.
pub(crate) async fn show(State(handle): State<Handle>) -> Html<String> {
    let frame = include_str!("frame.html").replace("{{style}}", include_str!("style.css"));
    let frame = frame.replace("{{script}}", include_str!("live.js"));
    Html(parts(&handle).iter().fold(frame, |page, (name, part)| page.replace(name, part)))
}

/// The dynamic parts alone, for the script.
async fn live(State(handle): State<Handle>) -> Html<String> {
    Html(parts(&handle).map(|(_, part)| part).concat())
}

/// The routes under `/page`: the live parts and the forms.
pub(crate) fn router() -> Router<Handle> {
    Router::new()
        .route("/live", get(live))
        .route("/advance", post(actions::advance))
        .route("/record", post(actions::add_record))
        .route("/record/remove", post(actions::remove_record))
        .route("/identity", post(actions::identity))
        .route("/tenant", post(actions::tenant))
        .route("/association", post(actions::association))
        .route("/switch", post(actions::switch))
        .route("/mail/clear", post(actions::clear_mails))
        .route("/mail/scanner", post(actions::scanner))
}

/// The routes under `/mail`: the list, and each mail.
pub(crate) fn mailbox_router() -> Router<Handle> {
    Router::new()
        .route("/", get(mailbox::list))
        .route("/live", get(mailbox::live))
        .route("/{id}", get(mail::show))
        .route("/{id}/body", get(mail::body))
}
