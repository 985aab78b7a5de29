//! No file imports itself, directly or indirectly. `sender_operator_harness::house` defines what counts as an import.

use std::{collections::BTreeSet, fs};

use crate::{HOUSE, root};

/// Known circles that remain to be removed, one per line, as files below `src/`. The list may only become shorter.
const ALLOWED: &str = "tests/structure/circles.txt";

/// Circles that are not in the list, and lines of the list without a circle.
fn differences(found: &[BTreeSet<String>], allowed: &str) -> (Vec<BTreeSet<String>>, Vec<BTreeSet<String>>) {
    let allowed: Vec<BTreeSet<String>> = allowed
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.split_whitespace().map(str::to_owned).collect())
        .collect();
    let new = found.iter().filter(|circle| !allowed.contains(circle)).cloned().collect();
    let stale = allowed.into_iter().filter(|circle| !found.contains(circle)).collect();
    (new, stale)
}

#[test]
fn there_are_no_import_circles_but_those_still_to_be_undone() {
    let circles = HOUSE.imports.circles();
    let files: Vec<BTreeSet<String>> = circles.iter().map(|circle| circle.files.clone()).collect();
    let (new, stale) = differences(&files, &fs::read_to_string(root().join(ALLOWED)).unwrap());
    let ways: Vec<String> = circles.iter().map(ToString::to_string).collect();
    assert!(new.is_empty(), "{new:#?} are circles. All of them:\n{}", ways.join("\n"));
    assert!(stale.is_empty(), "remove these from {ALLOWED}, or those of their files without a circle: {stale:#?}");
}

#[test]
fn a_circle_that_grew_or_shrank_is_another_one() {
    let circle = |files: &str| files.split(' ').map(str::to_owned).collect::<BTreeSet<_>>();
    let allowed = "a.rs b.rs\n\nc.rs d.rs e.rs\n";
    assert_eq!(differences(&[circle("b.rs a.rs"), circle("c.rs d.rs e.rs")], allowed), (vec![], vec![]));
    let (new, stale) = differences(&[circle("a.rs b.rs x.rs"), circle("c.rs d.rs")], allowed);
    assert_eq!(new, [circle("a.rs b.rs x.rs"), circle("c.rs d.rs")]);
    assert_eq!(stale, [circle("a.rs b.rs"), circle("c.rs d.rs e.rs")]);
}
