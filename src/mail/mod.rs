//! The mail that asks the owner of a mailbox: what it says, in which language, and that nothing in it can be taken for
//! something else.
//!
//! Nothing here sends. [`Templates::render`] makes of a [`Letter`] the three parts that SES takes: subject, text and HTML.

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
