//! What files may contain by their path, how long they are, and that every file in `tests` is run.

use std::{fs, path::Path};

use crate::{HOUSE, root};

/// Upper bound on the lines of every file, tests included.
const LONGEST: usize = 450;
/// What the pure core may not use: clients, runtimes, clocks, files and sockets.
const IMPURE: [&str; 12] = [
    "tokio",
    "aws_sdk",
    "hickory",
    "kube::",
    "axum",
    "hyper",
    "async fn",
    "Timestamp::now",
    "Instant::now",
    "SystemTime",
    "std::fs",
    "std::env",
];
/// Names of pure files and folders anywhere in `src`; all of `src/model` is pure, too. A `mod.rs` in `report` writes
/// what the other files of the folder word.
const PURE: [&str; 3] = ["decide", "election", "report"];

/// The name in [`PURE`] that makes a path pure.
fn pure_by(path: &str) -> Option<&'static str> {
    let writes = path.ends_with("report/mod.rs") || path.ends_with("controller/report.rs");
    let mut names = path.trim_end_matches(".rs").split('/').filter(|_| !writes);
    names.find_map(|name| PURE.into_iter().find(|pure| *pure == name))
}

#[test]
fn the_pure_core_knows_no_client_no_runtime_and_no_clock() {
    let mut unused = PURE.to_vec();
    for (path, text) in HOUSE.texts.iter().filter(|(path, _)| path.starts_with("src/")) {
        let name = pure_by(path);
        unused.retain(|pure| Some(*pure) != name);
        if name.is_none() && !path.starts_with("src/model/") {
            continue;
        }
        // Reads an object's metadata: no client.
        let text = text.replace("kube::ResourceExt", "");
        for word in IMPURE {
            assert!(!text.contains(word), "{path} uses {word}");
        }
    }
    assert!(unused.is_empty(), "no path has the name {unused:?} any more: remove it from the list");
}

#[test]
fn purity_goes_by_the_path() {
    for (path, expected) in [
        ("src/controller/domain/decide.rs", Some("decide")),
        ("src/controller/address/decide/mod.rs", Some("decide")),
        ("src/controller/address/decide/held.rs", Some("decide")),
        ("src/controller/domain/act.rs", None),
        ("src/controller/undecided.rs", None),
        ("src/controller/domain/report/ready.rs", Some("report")),
        ("src/controller/domain/report/mod.rs", None),
    ] {
        assert_eq!(pure_by(path), expected, "{path}");
    }
}

#[test]
fn no_file_exceeds_the_limit_of_lines() {
    for (path, text) in &HOUSE.texts {
        let lines = text.lines().count();
        assert!(lines <= LONGEST, "{path} has {lines} lines");
    }
}

#[test]
fn make_house_finds_the_ways_of_a_domain() {
    assert!(HOUSE.has_ways, "something was renamed: fix the stops in tests/harness/src/house/report.rs");
}

/// The test programs in a folder: files, and folders with a `main.rs`.
fn programs(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let programs =
        entries.filter(|path| path.extension().is_some_and(|kind| kind == "rs") || path.join("main.rs").exists());
    programs.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

#[test]
fn make_test_runs_every_test_program_once() {
    let makefile = fs::read_to_string(root().join("Makefile")).unwrap();
    let list = |name: &str| {
        let line = makefile.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    let mut run = [list("QUICK ="), list("SLOW =")].concat();
    let folders = ["tests", "tests/harness/tests", "tests/simulator/tests"];
    let mut there: Vec<String> = folders.iter().flat_map(|folder| programs(&root().join(folder))).collect();
    run.sort();
    there.sort();
    assert_eq!(run, there);
}
