//! The model of SES does no I/O, so servers and in-memory ports can both use it.

use std::fs;
use std::path::{Path, PathBuf};

/// Ways to wait, to read a clock or to leave the process, and the crates that provide them.
const IMPURE: [&str; 16] = [
    "async ",
    ".await",
    "axum",
    "hickory_server",
    "hyper",
    "tokio",
    "tracing",
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::process",
    "std::thread",
    "Instant",
    "SystemTime",
    "Timestamp::now",
];

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn the_model_only_computes() {
    let model = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/core"));
    assert!(model.len() > 30, "{model:?}");
    for path in model {
        let text = fs::read_to_string(&path).unwrap();
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            let place = path.display();
            assert!(IMPURE.iter().all(|word| !line.contains(word)), "{place}: {line}");
            assert_eq!(line.matches("crate::").count(), line.matches("crate::core").count(), "{place}: {line}");
        }
    }
}
