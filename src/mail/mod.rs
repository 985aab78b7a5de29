//! The confirmation mail: its contents, its language, and protection against misleading input.
//!
//! Nothing here sends. [`Templates::render`] turns a [`Letter`] into the three parts that SES accepts: subject, text
//! and HTML.

pub mod language;
pub mod letter;
mod sources;
pub mod tame;
pub mod templates;

pub use self::{
    language::Language,
    letter::{Asker, Letter, Rendered, link_url},
    templates::{TemplateError, Templates},
};

#[cfg(test)]
mod letter_tests;
#[cfg(test)]
mod templates_tests;
