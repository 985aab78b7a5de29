//! The set of templates: the built-in ones, and replacements from a folder.
//!
//! A set is checked once, when it is loaded: every template is rendered with sample data in every variant. So a mistake
//! stops the start of a replica, with file and line, and never reaches an owner.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use aws_lc_rs::digest::{Context, SHA256};
use jiff::Timestamp;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, syntax::SyntaxConfig};

use super::{
    confirmation_mail::{ClaimantName, ConfirmationMail, Rendered, VARIABLES, grouped},
    language::Language,
    sanitize,
    sources::{BUILT_IN, LAYOUT},
};

/// Largest template, in bytes.
const LARGEST: u64 = 64 * 1024;
/// Largest HTML part, in bytes: Gmail truncates a mail at 102 KiB, and the link could be lost.
const LARGEST_HTML: usize = 96 * 1024;
/// Longest subject, in characters.
const LONGEST_SUBJECT: usize = 200;
/// Characters of a set's version.
const VERSION_LETTERS: usize = 12;

/// Why a set of templates is unusable. Each message contains a remedy.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    #[error("mail templates: {path} cannot be read ({source}): mount a ConfigMap there, or remove the setting", path = path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("mail templates: {file} is not the name of a template: rename or remove it. Valid names are {}", names())]
    UnknownName { file: String },
    #[error("mail templates: {file} is not UTF-8 text of at most {} KiB: save it in that format", LARGEST / 1024)]
    NotText { file: String },
    #[error(
        "mail templates: {file}, line {line}: {problem}. Fix it, or remove the file to use the built-in one. Available variables are {VARIABLES}"
    )]
    Broken {
        file: String,
        /// Line, from 1; 0 if unknown.
        line: usize,
        problem: String,
    },
    /// The rendered mail lacks a part that the owner needs.
    #[error("mail templates: {file} does not show {what}{condition}: add {{{{ {variable} }}}}")]
    Lacks {
        file: String,
        /// The missing part.
        what: &'static str,
        /// The variable that provides it.
        variable: &'static str,
        /// The variant in which it is missing.
        condition: &'static str,
    },
    /// A part is empty or too large.
    #[error("mail templates: {file} renders {what}: make it render the whole email and nothing else")]
    Size {
        file: String,
        /// The part that the template renders.
        what: &'static str,
    },
}

fn names() -> String {
    BUILT_IN.map(|(name, _)| name).join(", ")
}

/// A checked set of templates.
#[derive(Debug)]
pub struct Templates {
    environment: Environment<'static>,
    version: String,
}

impl Templates {
    /// The built-in templates.
    pub fn builtin() -> Result<Self, TemplateError> {
        Self::of(&BTreeMap::new(), true)
    }

    /// The built-in templates, replaced by the files of the same name in a folder: a mounted `ConfigMap`. `codes`:
    /// whether the pages require a code, so that the mail must contain it.
    pub fn load(folder: &Path, codes: bool) -> Result<Self, TemplateError> {
        Self::of(&files(folder)?, codes)
    }

    /// Identifies the set in evidence: sets with the same version have the same text.
    pub fn version(&self) -> &str {
        &self.version
    }

    pub fn render(&self, message: &ConfirmationMail) -> Result<Rendered, TemplateError> {
        let part = |kind: &str| self.part(message, kind);
        let subject = sanitize::line(&part("subject")?, LONGEST_SUBJECT);
        Ok(Rendered { subject, text: part("txt")?, html: part("html")? })
    }

    fn of(files: &BTreeMap<String, String>, codes: bool) -> Result<Self, TemplateError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(syntax.map_err(|error| broken(LAYOUT, &error))?);
        environment.set_auto_escape_callback(|name| match name.rsplit('.').next() {
            Some("html") => AutoEscape::Html,
            _ => AutoEscape::None,
        });
        let mut hash = Context::new(&SHA256);
        for (name, built_in) in BUILT_IN {
            let source = files.get(name).map_or(built_in, String::as_str);
            hash.update(&u64::try_from(source.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(source.as_bytes());
            environment.add_template_owned(name, source.to_owned()).map_err(|error| broken(name, &error))?;
        }
        let version = data_encoding::HEXLOWER.encode(hash.finish().as_ref())[..VERSION_LETTERS].to_owned();
        let set = Self { environment, version };
        set.check(codes)?;
        Ok(set)
    }

    fn part(&self, message: &ConfirmationMail, kind: &str) -> Result<String, TemplateError> {
        let file = file(message.language, kind);
        let rendered = self.environment.get_template(&file);
        let rendered = rendered.and_then(|template| template.render(message.variables(kind == "html")));
        let text = rendered.map_err(|error| broken(&file, &error))?;
        Ok(format!("{}\n", text.trim()))
    }

    /// Renders every template in every variant and checks the parts that the owner needs.
    fn check(&self, codes: bool) -> Result<(), TemplateError> {
        for message in samples(codes) {
            let mail = self.render(&message)?;
            for (kind, part) in [("subject", &mail.subject), ("txt", &mail.text), ("html", &mail.html)] {
                if part.trim().is_empty() {
                    return Err(TemplateError::Size { file: file(message.language, kind), what: "an empty part" });
                }
            }
            if mail.html.len() > LARGEST_HTML {
                let what = "more than 96 KiB of HTML, which email clients truncate";
                return Err(TemplateError::Size { file: file(message.language, "html"), what });
            }
            shows(&message, &mail)?;
        }
        Ok(())
    }
}

fn shows(message: &ConfirmationMail, mail: &Rendered) -> Result<(), TemplateError> {
    let href = format!("href=\"{}\"", message.link);
    let code = message.code.as_deref().map(grouped);
    let needed = [
        ("txt", &mail.text, "the link", "link", Some(message.link.as_str())),
        ("html", &mail.html, "the link as href=\"…\"", "link", Some(href.as_str())),
        ("txt", &mail.text, "the code", "code", code.as_deref()),
        ("html", &mail.html, "the code", "code", code.as_deref()),
        ("txt", &mail.text, "the address", "address", Some(message.address.as_str())),
        ("html", &mail.html, "the address", "address", Some(message.address.as_str())),
    ];
    for (kind, part, what, variable, wanted) in needed {
        if wanted.is_some_and(|wanted| !part.contains(wanted)) {
            let condition = if message.note.is_some() { "" } else { " when a request has no note and no tenant" };
            return Err(TemplateError::Lacks { file: file(message.language, kind), what, variable, condition });
        }
    }
    Ok(())
}

/// Letters with all optional parts, and with none.
fn samples(codes: bool) -> Vec<ConfirmationMail> {
    let mut messages = Vec::new();
    for language in Language::ALL {
        let full = ConfirmationMail {
            language,
            address: "sample.sender@mail.example.com".to_owned(),
            domain: "mail.example.com".to_owned(),
            claimant: ClaimantName {
                namespace: "sample-namespace".to_owned(),
                name: "sample-name".to_owned(),
                tenant: Some("sample-tenant".to_owned()),
            },
            environment: "sample".to_owned(),
            company: Some("Sample Company".to_owned()),
            note: Some("A sample note".to_owned()),
            link: "https://sample.example/confirm/sample-link".to_owned(),
            code: codes.then(|| "7KQP4M2X".to_owned()),
            expiry: Timestamp::UNIX_EPOCH,
        };
        let claimant = ClaimantName { tenant: None, ..full.claimant.clone() };
        messages.push(ConfirmationMail { claimant, company: None, note: None, ..full.clone() });
        messages.push(full);
    }
    messages
}

fn file(language: Language, kind: &str) -> String {
    format!("confirmation.{}.{kind}", language.tag())
}

fn broken(file: &str, error: &minijinja::Error) -> TemplateError {
    TemplateError::Broken {
        file: error.name().unwrap_or(file).to_owned(),
        line: error.line().unwrap_or_default(),
        problem: error
            .detail()
            .map_or_else(|| error.kind().to_string(), |detail| format!("{}: {detail}", error.kind())),
    }
}

/// The files of a folder by name.
fn files(folder: &Path) -> Result<BTreeMap<String, String>, TemplateError> {
    let unreadable = |path: &Path, source| TemplateError::Unreadable { path: path.to_owned(), source };
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(|source| unreadable(folder, source))? {
        let path = entry.map_err(|source| unreadable(folder, source))?.path();
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // A mounted ConfigMap keeps its versions in folders whose names begin with two dots, and links the files to
        // them.
        if file.starts_with("..") {
            continue;
        }
        if !BUILT_IN.iter().any(|(name, _)| *name == file) {
            return Err(TemplateError::UnknownName { file });
        }
        if fs::metadata(&path).map_err(|source| unreadable(&path, source))?.len() > LARGEST {
            return Err(TemplateError::NotText { file });
        }
        let bytes = fs::read(&path).map_err(|source| unreadable(&path, source))?;
        let text = String::from_utf8(bytes).map_err(|_| TemplateError::NotText { file: file.clone() })?;
        files.insert(file, text);
    }
    Ok(files)
}
