//! Renders pages: the template, its style sheet, and a policy that allows nothing else.

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE64;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, syntax::SyntaxConfig, value::Serde};
use serde::Serialize;

use super::{
    view::{Frame, PageState, View, query, view},
    words::{self, Words},
};
use crate::mail::Language;

const PAGE: &str = "page.html";
const STYLE: &str = include_str!("templates/style.css");
/// The favicon.
pub(super) const ICON: &str = include_str!("templates/icon.svg");

#[derive(Debug)]
pub struct PageRenderer {
    environment: Environment<'static>,
    base: String,
    logo: Option<String>,
}

/// The variables of the template.
#[derive(Serialize)]
struct Sheet<'a> {
    lang: &'static str,
    languages: Vec<Choice>,
    words: &'static Words,
    company: Option<&'a str>,
    base: &'a str,
    logo: Option<&'a str>,
    style: &'static str,
    view: View,
}

/// A selectable language.
#[derive(Serialize)]
struct Choice {
    tag: &'static str,
    name: &'static str,
    href: String,
    current: bool,
}

impl PageRenderer {
    /// `base`: prefix of the pages' paths, without a trailing slash. `logo`: its version.
    pub fn new(base: &str, logo: Option<String>) -> Result<Self, minijinja::Error> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.add_template(PAGE, include_str!("templates/page.html"))?;
        Ok(Self { environment, base: base.to_owned(), logo })
    }

    /// A complete document.
    pub fn render(&self, state: &PageState, frame: Frame<'_>) -> Result<String, minijinja::Error> {
        let withdrawing = matches!(state, PageState::Request { withdrawing: true, .. });
        let step: &[(&str, &str)] = if withdrawing { &[("step", "withdraw")] } else { &[] };
        let choice = |language: Language| Choice {
            tag: language.tag(),
            name: language.name(),
            href: query(Frame { language, chosen: true, ..frame }, step),
            current: language == frame.language,
        };
        let sheet = Sheet {
            lang: frame.language.tag(),
            languages: Language::ALL.map(choice).into(),
            words: words::of(frame.language),
            company: frame.company,
            base: &self.base,
            logo: self.logo.as_deref(),
            style: STYLE,
            view: view(state, frame),
        };
        self.environment.get_template(PAGE)?.render(Serde(sheet))
    }
}

/// The content security policy: a page may use its own style sheet, identified by its hash, and pictures and forms of
/// this site. No script runs, and no other page can frame this one.
pub fn policy() -> String {
    let hash = BASE64.encode(digest(&SHA256, STYLE.as_bytes()).as_ref());
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; \
         base-uri 'none'"
    )
}

#[cfg(test)]
#[path = "pages_tests.rs"]
mod tests;
