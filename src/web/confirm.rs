//! The HTTP handlers of a link.
//!
//! There are no cookies and no sessions. A visitor proves the right to answer by the link and the code, which only the
//! mail contains. Another site that makes a browser send a form here lacks both, so it cannot forge a request (CSRF).
//! `Origin` is not checked: under `Referrer-Policy: no-referrer` browsers send `Origin: null` with the pages' own
//! forms.

use std::sync::Arc;

use axum::{
    Extension, Form,
    extract::{
        Path, State,
        rejection::{FormRejection, PathRejection},
    },
    http::{HeaderMap, StatusCode, Uri, header::USER_AGENT},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{
    event::{PageAction, PageEvent, PageOutcome},
    guard::{ClientAddress, PageLocale, page},
    link_request::LinkRequest,
    site::Site,
    view::{PageState, action_name},
};
use crate::model::{
    confirmation::{answer::Act, evidence::Visitor},
    link::VerifiedLink,
};

/// The fields of the form.
#[derive(Deserialize)]
pub(super) struct AnswerForm {
    action: String,
    #[serde(default)]
    code: String,
}

/// `GET` and `HEAD`: change nothing.
pub(super) async fn show(
    State(site): State<Arc<Site>>,
    link: Result<Path<String>, PathRejection>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let (link, locale) = (text(link), PageLocale::of(&uri, &headers));
    let (outcome, response) = match verify(&site, &link) {
        Some(verified) => {
            LinkRequest { site: &site, verified: &verified, link: &link, uri: &uri, locale }.shown().await
        }
        None => (PageOutcome::NotFound, page(&site, &PageState::NotFound, locale)),
    };
    (site.tell)(PageEvent { action: PageAction::View, outcome });
    response
}

/// `POST`: executes the action of the button, then redirects to the page, so that reloading and going back have no
/// effect.
pub(super) async fn answer(
    State(site): State<Arc<Site>>,
    Extension(client): Extension<ClientAddress>,
    link: Result<Path<String>, PathRejection>,
    uri: Uri,
    headers: HeaderMap,
    form: Result<Form<AnswerForm>, FormRejection>,
) -> Response {
    let (link, locale) = (text(link), PageLocale::of(&uri, &headers));
    let form = match form {
        Ok(Form(form)) => form,
        Err(rejection) => return refused(rejection.status()),
    };
    let Some(act) = act(&form.action) else { return refused(StatusCode::BAD_REQUEST) };
    let action = action(act);
    let (outcome, response) = match verify(&site, &link) {
        Some(verified) => {
            let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
            let visitor = Visitor::new(&client.0.to_string(), agent);
            let link_request = LinkRequest { site: &site, verified: &verified, link: &link, uri: &uri, locale };
            let answered = link_request.answered(act, &form.code, visitor).await;
            tracing::info!(
                action = action.as_str(),
                outcome = answered.0.as_str(),
                "a request to a confirmation page was handled"
            );
            answered
        }
        None => (PageOutcome::NotFound, page(&site, &PageState::NotFound, locale)),
    };
    (site.tell)(PageEvent { action, outcome });
    response
}

/// A request that no page sends. [`super::guard`] turns it into an error page.
fn refused(status: StatusCode) -> Response {
    // A missing field is reported like an unknown button.
    let status = if status == StatusCode::UNPROCESSABLE_ENTITY { StatusCode::BAD_REQUEST } else { status };
    status.into_response()
}

/// The link in the path; anything that is not valid UTF-8 is not a link.
fn text(link: Result<Path<String>, PathRejection>) -> String {
    link.map(|Path(link)| link).unwrap_or_default()
}

/// Verifies a link without any lookup, valid or not.
fn verify(site: &Site, link: &str) -> Option<VerifiedLink> {
    site.keys.verify(&site.settings.environment, link, site.clock.now()).ok()
}

fn act(name: &str) -> Option<Act> {
    [Act::Confirm, Act::Decline, Act::Undo, Act::Withdraw].into_iter().find(|act| action_name(*act) == name)
}

fn action(act: Act) -> PageAction {
    match act {
        Act::Confirm => PageAction::Confirm,
        Act::Decline => PageAction::Decline,
        Act::Undo => PageAction::Undo,
        Act::Withdraw => PageAction::Withdraw,
    }
}
