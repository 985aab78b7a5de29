//! The model of SES does no I/O, so that it can stand behind servers and behind ports in memory alike.

use std::fs;
use std::path::{Path, PathBuf};

/// What the model may import: itself, crates that only compute, and such modules of the standard library.
const PURE: [&str; 17] = [
    "crate::core",
    "data_encoding",
    "hickory_proto",
    "jiff",
    "mail_parser",
    "psl",
    "scraper",
    "self",
    "serde",
    "serde_json",
    "std::collections",
    "std::fmt",
    "std::iter",
    "std::str",
    "std::sync::Arc",
    "std::time::Duration",
    "super",
];

/// Ways to wait, to read a clock or to leave the process that need no import.
const IMPURE: [&str; 12] = [
    "async ",
    ".await",
    "crate::clock",
    "crate::world",
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::thread",
    "Instant::",
    "SystemTime",
    "Timestamp::now",
];

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// What a line imports or names that the model may not.
fn violation(line: &str) -> Option<&str> {
    let code = line.trim_start();
    let public = code.strip_prefix("pub").map_or(code, |rest| rest.trim_start_matches("(crate)").trim_start());
    let import = public.strip_prefix("use ").map(|path| path.trim_end_matches(';'));
    let is_pure = |path: &str| {
        PURE.iter().any(|pure| path.strip_prefix(pure).is_some_and(|rest| rest.is_empty() || rest.starts_with("::")))
    };
    // A module exports its files without `super`; an enum in scope lends its variants.
    let exports = |path: &str| public != code && !path.starts_with("crate") && !path.starts_with("std");
    let is_own = |path: &str| exports(path) || path.starts_with(char::is_uppercase);
    import
        .filter(|path| !is_pure(path) && !is_own(path))
        .or_else(|| IMPURE.into_iter().find(|word| !code.starts_with("//") && code.contains(word)))
}

#[test]
fn the_model_imports_only_what_computes() {
    let model = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/core"));
    assert!(model.len() > 30, "{model:?}");
    for path in model {
        let text = fs::read_to_string(&path).unwrap();
        for line in text.lines() {
            assert_eq!(violation(line), None, "{}: {line}", path.display());
        }
    }
}

#[test]
fn what_does_more_than_compute_is_found() {
    for line in [
        "use tokio::sync::Mutex;",
        "    use std::net::SocketAddr;",
        "use crate::world::World;",
        "pub(crate) use crate::journal::Call;",
        "let now = Timestamp::now();",
        "let started = std::time::Instant::now();",
        "async fn look() {",
    ] {
        assert!(violation(line).is_some(), "{line}");
    }
    for line in
        ["use super::zone::Zone;", "pub use answer::Answer;", "/// An Instant:: of time", "    use Status::Failed;"]
    {
        assert!(violation(line).is_none(), "{line}");
    }
}
