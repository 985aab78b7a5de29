//! The content of a page, in the words of its language. Pure.

use std::time::Duration;

use axum::http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;

use super::words::{self, Words, fill, fill_plain};
use crate::{
    mail::{ClaimantName, Language, sanitize},
    model::confirmation::answer::{Act, ConfirmationPage},
};

/// The subject of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageSubject {
    pub address: String,
    pub claimant: ClaimantName,
    /// The claimant's note.
    pub note: Option<String>,
    /// Until when the link confirms.
    pub expiry: Timestamp,
    /// The link has expired.
    pub ended: bool,
}

/// What was wrong with a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeError {
    Missing,
    Wrong,
}

/// A notice above a page after a click.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flash {
    /// The click undid a decline or a withdrawal.
    Undone,
    /// The click changed nothing, because another answer came first.
    Meanwhile,
}

/// Every page state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageState {
    /// The page of a verified link.
    Request {
        /// The state of the link; never [`ConfirmationPage::Gone`].
        page: ConfirmationPage,
        subject: PageSubject,
        /// The second step of a withdrawal was requested.
        withdrawing: bool,
        /// What was wrong with the typed code.
        code_error: Option<CodeError>,
        /// Notice about the last click.
        flash: Option<Flash>,
    },
    /// Too many wrong codes; the link accepts none for this time.
    Locked(PageSubject, Duration),
    /// An invalid link, or a link without a request; the page does not distinguish them.
    NotFound,
    /// The cluster did not answer. `uncertain`: it is unknown whether a click took effect.
    Unavailable { uncertain: bool },
    /// Too many requests of one client, which has to wait for this time.
    TooMany(Duration),
    /// A request that no page sends.
    Misunderstood(StatusCode),
}

impl PageState {
    /// The HTTP status. Every state of a verified link is a success.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Request { code_error: None, .. } => StatusCode::OK,
            Self::Request { code_error: Some(_), .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Locked(..) | Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Misunderstood(status) => *status,
        }
    }

    /// The value of `Retry-After`.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Locked(_, wait) | Self::TooMany(wait) => Some(*wait),
            Self::Unavailable { .. } => Some(Duration::from_mins(1)),
            _ => None,
        }
    }
}

/// The frame of every page.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    pub language: Language,
    /// The visitor selected the language on the page; links keep it.
    pub chosen: bool,
    /// The company that runs the operator.
    pub company: Option<&'a str>,
    pub environment: &'a str,
    /// Visitors have to type a code.
    pub codes: bool,
}

/// A page, ready for the template. Fields named `html` are already escaped.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct View {
    /// Title of the window.
    pub title: String,
    pub heading_html: String,
    /// The picture beside the heading, and its colour.
    pub mark: &'static str,
    /// A notice above everything.
    pub flash: Option<&'static str>,
    pub paragraphs_html: Vec<String>,
    pub details: Vec<Detail>,
    /// The claimant's note.
    pub note: Option<String>,
    /// The rights that a confirmation grants, as HTML.
    pub allows_html: Vec<String>,
    pub form: Option<Form>,
    /// A paragraph at the end.
    pub closing: Option<&'static str>,
    /// A secondary action.
    pub aside: Option<Aside>,
}

/// A label with its value.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Detail {
    pub label: &'static str,
    pub value_html: String,
    /// The value as a machine-readable time.
    pub time: Option<String>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Form {
    /// The visitor has to type a code.
    pub code: bool,
    /// What was wrong with the last code.
    pub code_error: Option<&'static str>,
    /// The buttons; Enter triggers the first one.
    pub buttons: Vec<Button>,
    /// Link back to the page without any action.
    pub back: Option<Aside>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Button {
    /// Value of the field `action`.
    pub action: &'static str,
    pub label: &'static str,
    /// Style: `primary`, `danger` or `plain`.
    pub looks: &'static str,
}

/// A link to another step.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Aside {
    /// Text before the link.
    pub text: Option<&'static str>,
    pub label: &'static str,
    /// Target, relative to the page of the request.
    pub href: String,
}

/// The values of the buttons in forms.
pub fn action_name(act: Act) -> &'static str {
    match act {
        Act::Confirm => "confirm",
        Act::Decline => "decline",
        Act::Undo => "undo",
        Act::Withdraw => "withdraw",
    }
}

pub fn view(state: &PageState, frame: Frame<'_>) -> View {
    let words = words::of(frame.language);
    match state {
        PageState::Request { page: ConfirmationPage::Asked, subject, code_error, flash, .. } => {
            asked(subject, *code_error, *flash, words, frame)
        }
        PageState::Request { page: ConfirmationPage::Confirmed, subject, withdrawing: true, code_error, flash } => {
            withdrawing(subject, *code_error, *flash, words, frame)
        }
        PageState::Request { page, subject, code_error, flash, .. } => {
            answered(*page, subject, *code_error, *flash, words, frame)
        }
        PageState::Locked(subject, wait) => {
            let minutes = wait.as_secs().div_ceil(60).to_string();
            let values = [("address", subject.address.as_str()), ("minutes", &minutes)];
            message("wait", words.locked, &[words.locked_lead, words.locked_next], &values)
        }
        PageState::NotFound => message("lost", words.not_found, &[words.not_found_lead, words.not_found_next], &[]),
        PageState::Unavailable { uncertain } => {
            let known = if *uncertain { words.unavailable_unknown } else { words.unavailable_unchanged };
            message("wait", words.unavailable, &[words.unavailable_lead, known], &[])
        }
        PageState::TooMany(wait) => {
            let seconds = wait.as_secs().max(1).to_string();
            message("wait", words.too_many, &[words.too_many_lead], &[("seconds", &seconds)])
        }
        PageState::Misunderstood(_) => message("lost", words.misunderstood, &[words.misunderstood_lead], &[]),
    }
}

fn asked(
    subject: &PageSubject,
    code_error: Option<CodeError>,
    flash: Option<Flash>,
    words: &'static Words,
    frame: Frame<'_>,
) -> View {
    let company = frame.company.unwrap_or_default();
    let values = [("address", subject.address.as_str()), ("company", company)];
    let (lead, sending) = match frame.company {
        Some(_) => (words.asked_lead_company, words.allows_sending_company),
        None => (words.asked_lead, words.allows_sending),
    };
    let buttons = vec![
        Button { action: action_name(Act::Confirm), label: words.confirm, looks: "primary" },
        Button { action: action_name(Act::Decline), label: words.decline, looks: "plain" },
    ];
    View {
        flash: flash.map(|flash| flash_text(flash, words)),
        details: details(subject, words, frame),
        note: subject.note.as_deref().and_then(sanitize::note),
        allows_html: [sending, words.allows_no_reading, words.allows_withdrawal]
            .map(|text| fill(text, &values))
            .to_vec(),
        form: Some(form(buttons, None, code_error, words, frame)),
        closing: Some(words.nothing),
        ..titled("ask", words.asked, &[lead], &values, code_error, words)
    }
}

fn withdrawing(
    subject: &PageSubject,
    code_error: Option<CodeError>,
    flash: Option<Flash>,
    words: &'static Words,
    frame: Frame<'_>,
) -> View {
    let buttons = vec![Button { action: action_name(Act::Withdraw), label: words.withdraw_yes, looks: "danger" }];
    let back = Aside { text: None, label: words.withdraw_no, href: query(frame, &[]) };
    View {
        flash: flash.map(|flash| flash_text(flash, words)),
        details: who(words.who_may, subject, words, frame).into(),
        form: Some(form(buttons, Some(back), code_error, words, frame)),
        ..titled("no", words.withdraw, &[words.withdraw_lead], &[("address", &subject.address)], code_error, words)
    }
}

fn answered(
    page: ConfirmationPage,
    subject: &PageSubject,
    code_error: Option<CodeError>,
    flash: Option<Flash>,
    words: &'static Words,
    frame: Frame<'_>,
) -> View {
    let expiry = frame.language.moment(subject.expiry);
    let values = [("address", subject.address.as_str()), ("expiry", expiry.as_str())];
    let (mark, heading, mut texts, undo) = match page {
        ConfirmationPage::Confirmed => {
            ("good", words.confirmed, vec![words.confirmed_lead, words.confirmed_close], false)
        }
        ConfirmationPage::Declined { undo } => ("no", words.declined, vec![words.declined_lead], undo),
        ConfirmationPage::Withdrawn { undo } => {
            ("no", words.withdrawn, vec![words.withdrawn_lead, words.withdrawn_next], undo)
        }
        ConfirmationPage::Superseded => ("mail", words.superseded, vec![words.superseded_lead], false),
        // Callers never show a page for Gone; as a precaution, it reveals no more than this.
        ConfirmationPage::Expired | ConfirmationPage::Asked | ConfirmationPage::Gone => {
            let lead = if subject.ended { words.expired_lead } else { words.expired_early };
            ("wait", words.expired, vec![lead, words.expired_next], false)
        }
    };
    if undo {
        texts.push(words.declined_undo);
    }
    let button = || vec![Button { action: action_name(Act::Undo), label: words.undo, looks: "plain" }];
    let known = matches!(
        page,
        ConfirmationPage::Confirmed | ConfirmationPage::Declined { .. } | ConfirmationPage::Withdrawn { .. }
    );
    View {
        flash: flash.filter(|flash| *flash == Flash::Meanwhile && known).map(|flash| flash_text(flash, words)),
        // A visitor who returns after a year needs to know which tenant it is about.
        details: match page {
            ConfirmationPage::Confirmed => who(words.who_may, subject, words, frame).into(),
            _ => Vec::new(),
        },
        form: undo.then(|| form(button(), None, code_error, words, frame)),
        aside: (page == ConfirmationPage::Confirmed).then(|| Aside {
            text: Some(words.changed_mind),
            label: words.withdraw_link,
            href: query(frame, &[("step", "withdraw")]),
        }),
        ..titled(mark, heading, &texts, &values, code_error.filter(|_| undo), words)
    }
}

fn message(mark: &'static str, heading: &'static str, texts: &[&'static str], values: &[(&str, &str)]) -> View {
    View {
        title: fill_plain(heading, values),
        heading_html: fill(heading, values),
        mark,
        paragraphs_html: texts.iter().map(|text| fill(text, values)).collect(),
        ..View::default()
    }
}

fn titled(
    mark: &'static str,
    heading: &'static str,
    texts: &[&'static str],
    values: &[(&str, &str)],
    code_error: Option<CodeError>,
    words: &Words,
) -> View {
    let view = message(mark, heading, texts, values);
    // Screen readers announce the error first.
    let title = if code_error.is_some() { format!("{} {}", words.error, view.title) } else { view.title };
    View { title, ..view }
}

fn form(
    buttons: Vec<Button>,
    back: Option<Aside>,
    code_error: Option<CodeError>,
    words: &Words,
    frame: Frame<'_>,
) -> Form {
    let code_error = code_error.map(|code_error| match code_error {
        CodeError::Missing => words.code_missing,
        CodeError::Wrong => words.code_wrong,
    });
    Form { code: frame.codes, code_error, buttons, back }
}

fn flash_text(flash: Flash, words: &Words) -> &'static str {
    match flash {
        Flash::Undone => words.undone,
        Flash::Meanwhile => words.meanwhile,
    }
}

fn details(subject: &PageSubject, words: &Words, frame: Frame<'_>) -> Vec<Detail> {
    let until = frame.language.moment(subject.expiry);
    let until = Detail {
        label: words.until,
        value_html: fill("{until}", &[("until", &until)]),
        time: Some(subject.expiry.to_string()),
    };
    who(words.who, subject, words, frame).into_iter().chain([until]).collect()
}

/// Two facts: which tenant claims the address, or may send.
fn who(label: &'static str, subject: &PageSubject, words: &Words, frame: Frame<'_>) -> [Detail; 2] {
    let (namespace, name) = (sanitize::name(&subject.claimant.namespace), sanitize::name(&subject.claimant.name));
    let tenant = subject.claimant.tenant.as_deref().map(sanitize::name);
    let text = if tenant.is_some() { words.who_tenant } else { words.who_namespace };
    let values = [("tenant", tenant.as_deref().unwrap_or_default()), ("namespace", &namespace), ("name", &name)];
    let environment = sanitize::name(frame.environment);
    let environment = fill("{environment}", &[("environment", &environment)]);
    [
        Detail { label, value_html: fill(text, &values), time: None },
        Detail { label: words.environment, value_html: environment, time: None },
    ]
}

/// A query that keeps the selected language. A lone `?` leads to the page without a query.
pub fn query(frame: Frame<'_>, pairs: &[(&str, &str)]) -> String {
    let language = frame.chosen.then_some(("lang", frame.language.tag()));
    let all: Vec<String> = language.iter().chain(pairs).map(|(key, value)| format!("{key}={value}")).collect();
    format!("?{}", all.join("&"))
}

#[cfg(test)]
#[path = "view_tests.rs"]
mod tests;
