//! The shape of the house: imports run one way, files stay small.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Layers from the bottom up. A file may import from its own part and from parts of lower layers, never sideways.
const LAYERS: &[&[&str]] = &[
    &["clock", "model"],
    &["api"],
    &["ses", "dns", "cluster"],
    &["serve", "mail"],
    &["controller", "web"],
    &["settings"],
    &["main"],
];

fn layer(part: &str) -> usize {
    LAYERS.iter().position(|parts| parts.contains(&part)).unwrap_or_else(|| panic!("{part} has no layer"))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            files.push(path);
        }
    }
    files
}

/// The first segments behind `crate::`, also inside `use crate::{…}`.
fn imported_parts(text: &str) -> Vec<String> {
    let segment =
        |text: &str| -> String { text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect() };
    let mut parts = Vec::new();
    for (at, found) in text.match_indices("crate::") {
        let rest = &text[at + found.len()..];
        match rest.strip_prefix('{') {
            Some(group) => parts.extend(top_level(group).iter().map(|item| segment(item))),
            None => parts.push(segment(rest)),
        }
    }
    parts.retain(|part| part.starts_with(char::is_lowercase));
    parts
}

/// The items of a brace group, up to its closing brace.
fn top_level(group: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut depth = 0;
    for letter in group.chars() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => items.push(String::new()),
            _ if depth == 0 => items.last_mut().unwrap().push(letter),
            _ => {}
        }
    }
    items
}

#[test]
fn the_import_reader_sees_every_form() {
    let text = "use crate::{\n    api::{A, b::C},\n    model::x,\n};\nuse crate::ses::Y; let z = crate::dns::look();";
    assert_eq!(imported_parts(text), ["api", "model", "ses", "dns"]);
}

#[test]
fn imports_run_one_way() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for file in rust_files(&src) {
        let inside = file.strip_prefix(&src).unwrap();
        let part = inside.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned();
        if part == "lib" || part == "bin" {
            continue;
        }
        for imported in imported_parts(&fs::read_to_string(&file).unwrap()) {
            let allowed = imported == part || layer(&imported) < layer(&part);
            assert!(allowed, "{} imports crate::{imported}", inside.display());
        }
    }
}

#[test]
fn the_pure_core_knows_no_client_and_no_runtime() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut pure = rust_files(&src.join("model"));
    for name in ["decide", "facts", "holding", "owning", "releasing", "signing", "status", "step"] {
        pure.push(src.join(format!("controller/domain/{name}.rs")));
    }
    for file in pure {
        let text = fs::read_to_string(&file).unwrap();
        for word in ["tokio", "aws_sdk", "hickory", "kube::", "async fn", "Timestamp::now", "Instant::now"] {
            assert!(!text.contains(word), "{} uses {word}", file.display());
        }
    }
}

#[test]
fn no_file_is_longer_than_450_lines() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = rust_files(&root.join("src"));
    files.extend(rust_files(&root.join("tests")));
    for file in files {
        let lines = fs::read_to_string(&file).unwrap().lines().count();
        assert!(lines <= 450, "{} has {lines} lines", file.display());
    }
}
