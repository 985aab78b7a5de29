//! The confirmation mail: its contents, its language, and protection against misleading input.
//!
//! Nothing here sends. [`Templates::render`] turns a [`ConfirmationMail`] into the three parts that SES accepts:
//! subject, text and HTML.

pub mod confirmation_mail;
pub mod language;
pub mod sanitize;
mod sources;
pub mod templates;

pub use self::{
    confirmation_mail::{ClaimantName, ConfirmationMail, Rendered, link_url},
    language::Language,
    templates::{TemplateError, Templates},
};

#[cfg(test)]
mod confirmation_mail_tests;
#[cfg(test)]
mod templates_tests;
