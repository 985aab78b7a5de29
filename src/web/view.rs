//! The content of a page, in the words of its language. Pure.

use std::time::Duration;

use axum::http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;

use super::words::{self, Words, fill, fill_plain};
use crate::{
    mail::{Asker, Language, tame},
    model::confirmation::answering::{Act, Page},
};

/// The subject of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matter {
    pub address: String,
    pub asker: Asker,
    /// The claimant's note.
    pub note: Option<String>,
    /// Until when the link confirms.
    pub expiry: Timestamp,
    /// The link has expired.
    pub ended: bool,
}

/// What was wrong with a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeTrouble {
    Missing,
    Wrong,
}

/// A notice above a page after a click.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remark {
    /// The click undid a decline or a withdrawal.
    Undone,
    /// The click changed nothing, because another answer came first.
    Meanwhile,
}

/// Every page state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scene {
    /// The page of a verified link.
    Request {
        /// The state of the link; never [`Page::Gone`].
        page: Page,
        matter: Matter,
        /// The second step of a withdrawal was requested.
        withdrawing: bool,
        /// What was wrong with the typed code.
        trouble: Option<CodeTrouble>,
        /// Notice about the last click.
        remark: Option<Remark>,
    },
    /// Too many wrong codes; the link accepts none for this time.
    Locked(Matter, Duration),
    /// An invalid link, or a link without a request; the page does not distinguish them.
    NotFound,
    /// The cluster did not answer. `unsure`: it is unknown whether a click took effect.
    Trouble { unsure: bool },
    /// Too many requests of one client, which has to wait for this time.
    TooMany(Duration),
    /// A request that no page sends.
    Misunderstood(StatusCode),
}

impl Scene {
    /// The HTTP status. Every state of a verified link is a success.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Request { trouble: None, .. } => StatusCode::OK,
            Self::Request { trouble: Some(_), .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Locked(..) | Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Trouble { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Misunderstood(status) => *status,
        }
    }

    /// The value of `Retry-After`.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Locked(_, wait) | Self::TooMany(wait) => Some(*wait),
            Self::Trouble { .. } => Some(Duration::from_mins(1)),
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
    pub remark: Option<&'static str>,
    pub paragraphs_html: Vec<String>,
    pub facts: Vec<Fact>,
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
pub struct Fact {
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
    pub trouble: Option<&'static str>,
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

pub fn view(scene: &Scene, frame: Frame<'_>) -> View {
    let words = words::of(frame.language);
    match scene {
        Scene::Request { page: Page::Asked, matter, trouble, remark, .. } => {
            asked(matter, *trouble, *remark, words, frame)
        }
        Scene::Request { page: Page::Confirmed, matter, withdrawing: true, trouble, remark } => {
            withdrawing(matter, *trouble, *remark, words, frame)
        }
        Scene::Request { page, matter, trouble, remark, .. } => {
            answered(*page, matter, *trouble, *remark, words, frame)
        }
        Scene::Locked(matter, wait) => {
            let minutes = wait.as_secs().div_ceil(60).to_string();
            let values = [("address", matter.address.as_str()), ("minutes", &minutes)];
            message("wait", words.locked, &[words.locked_lead, words.locked_next], &values)
        }
        Scene::NotFound => message("lost", words.not_found, &[words.not_found_lead, words.not_found_next], &[]),
        Scene::Trouble { unsure } => {
            let known = if *unsure { words.trouble_unknown } else { words.trouble_unchanged };
            message("wait", words.trouble, &[words.trouble_lead, known], &[])
        }
        Scene::TooMany(wait) => {
            let seconds = wait.as_secs().max(1).to_string();
            message("wait", words.too_many, &[words.too_many_lead], &[("seconds", &seconds)])
        }
        Scene::Misunderstood(_) => message("lost", words.misunderstood, &[words.misunderstood_lead], &[]),
    }
}

fn asked(
    matter: &Matter,
    trouble: Option<CodeTrouble>,
    remark: Option<Remark>,
    words: &'static Words,
    frame: Frame<'_>,
) -> View {
    let company = frame.company.unwrap_or_default();
    let values = [("address", matter.address.as_str()), ("company", company)];
    let (lead, sending) = match frame.company {
        Some(_) => (words.asked_lead_company, words.allows_sending_company),
        None => (words.asked_lead, words.allows_sending),
    };
    let buttons = vec![
        Button { action: action_name(Act::Confirm), label: words.confirm, looks: "primary" },
        Button { action: action_name(Act::Decline), label: words.decline, looks: "plain" },
    ];
    View {
        remark: remark.map(|remark| said(remark, words)),
        facts: facts(matter, words, frame),
        note: matter.note.as_deref().and_then(tame::note),
        allows_html: [sending, words.allows_no_reading, words.allows_withdrawal]
            .map(|text| fill(text, &values))
            .to_vec(),
        form: Some(form(buttons, None, trouble, words, frame)),
        closing: Some(words.nothing),
        ..titled("ask", words.asked, &[lead], &values, trouble, words)
    }
}

fn withdrawing(
    matter: &Matter,
    trouble: Option<CodeTrouble>,
    remark: Option<Remark>,
    words: &'static Words,
    frame: Frame<'_>,
) -> View {
    let buttons = vec![Button { action: action_name(Act::Withdraw), label: words.withdraw_yes, looks: "danger" }];
    let back = Aside { text: None, label: words.withdraw_no, href: query(frame, &[]) };
    View {
        remark: remark.map(|remark| said(remark, words)),
        facts: who(words.who_may, matter, words, frame).into(),
        form: Some(form(buttons, Some(back), trouble, words, frame)),
        ..titled("no", words.withdraw, &[words.withdraw_lead], &[("address", &matter.address)], trouble, words)
    }
}

fn answered(
    page: Page,
    matter: &Matter,
    trouble: Option<CodeTrouble>,
    remark: Option<Remark>,
    words: &'static Words,
    frame: Frame<'_>,
) -> View {
    let expiry = frame.language.moment(matter.expiry);
    let values = [("address", matter.address.as_str()), ("expiry", expiry.as_str())];
    let (mark, heading, mut texts, undo) = match page {
        Page::Confirmed => ("good", words.confirmed, vec![words.confirmed_lead, words.confirmed_close], false),
        Page::Declined { undo } => ("no", words.declined, vec![words.declined_lead], undo),
        Page::Withdrawn { undo } => ("no", words.withdrawn, vec![words.withdrawn_lead, words.withdrawn_next], undo),
        Page::Superseded => ("mail", words.superseded, vec![words.superseded_lead], false),
        // Callers never show a page for Gone; as a precaution, it reveals no more than this.
        Page::Expired | Page::Asked | Page::Gone => {
            let lead = if matter.ended { words.expired_lead } else { words.expired_early };
            ("wait", words.expired, vec![lead, words.expired_next], false)
        }
    };
    if undo {
        texts.push(words.declined_undo);
    }
    let button = || vec![Button { action: action_name(Act::Undo), label: words.undo, looks: "plain" }];
    let known = matches!(page, Page::Confirmed | Page::Declined { .. } | Page::Withdrawn { .. });
    View {
        remark: remark.filter(|remark| *remark == Remark::Meanwhile && known).map(|remark| said(remark, words)),
        // A visitor who returns after a year needs to know which tenant it is about.
        facts: match page {
            Page::Confirmed => who(words.who_may, matter, words, frame).into(),
            _ => Vec::new(),
        },
        form: undo.then(|| form(button(), None, trouble, words, frame)),
        aside: (page == Page::Confirmed).then(|| Aside {
            text: Some(words.changed_mind),
            label: words.withdraw_link,
            href: query(frame, &[("step", "withdraw")]),
        }),
        ..titled(mark, heading, &texts, &values, trouble.filter(|_| undo), words)
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
    trouble: Option<CodeTrouble>,
    words: &Words,
) -> View {
    let view = message(mark, heading, texts, values);
    // Screen readers announce the error first.
    let title = if trouble.is_some() { format!("{} {}", words.error, view.title) } else { view.title };
    View { title, ..view }
}

fn form(
    buttons: Vec<Button>,
    back: Option<Aside>,
    trouble: Option<CodeTrouble>,
    words: &Words,
    frame: Frame<'_>,
) -> Form {
    let trouble = trouble.map(|trouble| match trouble {
        CodeTrouble::Missing => words.code_missing,
        CodeTrouble::Wrong => words.code_wrong,
    });
    Form { code: frame.codes, trouble, buttons, back }
}

fn said(remark: Remark, words: &Words) -> &'static str {
    match remark {
        Remark::Undone => words.undone,
        Remark::Meanwhile => words.meanwhile,
    }
}

fn facts(matter: &Matter, words: &Words, frame: Frame<'_>) -> Vec<Fact> {
    let until = frame.language.moment(matter.expiry);
    let until = Fact {
        label: words.until,
        value_html: fill("{until}", &[("until", &until)]),
        time: Some(matter.expiry.to_string()),
    };
    who(words.who, matter, words, frame).into_iter().chain([until]).collect()
}

/// Two facts: which tenant claims the address, or may send.
fn who(label: &'static str, matter: &Matter, words: &Words, frame: Frame<'_>) -> [Fact; 2] {
    let (namespace, name) = (tame::name(&matter.asker.namespace), tame::name(&matter.asker.name));
    let tenant = matter.asker.tenant.as_deref().map(tame::name);
    let text = if tenant.is_some() { words.who_tenant } else { words.who_namespace };
    let values = [("tenant", tenant.as_deref().unwrap_or_default()), ("namespace", &namespace), ("name", &name)];
    let environment = tame::name(frame.environment);
    let environment = fill("{environment}", &[("environment", &environment)]);
    [
        Fact { label, value_html: fill(text, &values), time: None },
        Fact { label: words.environment, value_html: environment, time: None },
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
