//! Every page and the path to it.

use sender_operator::model::confirmation::AnswerKind;

use crate::{
    browser::Browser,
    site::{Pages, at},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageCase {
    Asked,
    WrongCode,
    Confirmed,
    Withdrawing,
    Withdrawn,
    Declined,
    Undone,
    Meanwhile,
    Expired,
    Superseded,
    NotFound,
    Unavailable,
}

pub const CASES: [PageCase; 12] = [
    PageCase::Asked,
    PageCase::WrongCode,
    PageCase::Confirmed,
    PageCase::Withdrawing,
    PageCase::Withdrawn,
    PageCase::Declined,
    PageCase::Undone,
    PageCase::Meanwhile,
    PageCase::Expired,
    PageCase::Superseded,
    PageCase::NotFound,
    PageCase::Unavailable,
];

impl PageCase {
    pub fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::WrongCode => "wrong code",
            Self::Confirmed => "confirmed",
            Self::Withdrawing => "withdrawing",
            Self::Withdrawn => "withdrawn",
            Self::Declined => "declined",
            Self::Undone => "undone",
            Self::Meanwhile => "meanwhile",
            Self::Expired => "expired",
            Self::Superseded => "superseded",
            Self::NotFound => "not found",
            Self::Unavailable => "unavailable",
        }
    }

    fn answer(self) -> Option<AnswerKind> {
        match self {
            Self::Confirmed | Self::Withdrawing | Self::Meanwhile => Some(AnswerKind::Confirmed),
            Self::Withdrawn => Some(AnswerKind::Withdrawn),
            Self::Declined => Some(AnswerKind::Declined),
            _ => None,
        }
    }

    /// The query of the page that the link redirects to.
    fn query(self) -> &'static str {
        match self {
            Self::Withdrawing => "&step=withdraw",
            Self::Undone => "&flash=undone",
            Self::Meanwhile => "&flash=meanwhile",
            _ => "",
        }
    }
}

/// The claimant's note, in the language of the page.
pub fn note(language: &str) -> &'static str {
    match language {
        "de" => "Wir möchten den monatlichen Newsletter des Shops von dieser Adresse senden.",
        _ => "We would like to send the monthly newsletter of the shop from this address.",
    }
}

/// Sets up the state for the page and opens the page in the browser.
pub async fn enter(browser: &Browser, pages: &Pages, case: PageCase, language: &str) {
    pages.is_answered(case.answer());
    pages.says(note(language));
    pages.away(case == PageCase::Unavailable);
    pages.set(at(if case == PageCase::Expired { 25 } else { 1 }));
    if case == PageCase::Superseded {
        pages.is_sent_again();
    }
    let link = if case == PageCase::NotFound { "x".to_owned() } else { pages.link(1) };
    browser.open(&format!("{link}?lang={language}{}", case.query())).await;
    if case == PageCase::WrongCode {
        // Blanks do not count as an attempt; attempts are limited.
        browser.type_code("  ").await;
        browser.press("confirm").await;
        browser.sees(if language == "de" { "Bitte prüfen Sie den Code" } else { "Please check the code" }).await;
    }
}
