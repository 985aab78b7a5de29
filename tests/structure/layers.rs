//! Imports run one way: the table of layers in ARCHITECTURE.md is the only definition.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use crate::{HOUSE, root};

/// The parts that each part of `src` may import, read from the table. A row may name only parts of rows above it, so
/// that the table has no circle.
fn table(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let section = text.split("\n## Layers\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let mut layers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in section.lines().filter(|line| line.starts_with("| `src/")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let above: BTreeSet<String> = layers.keys().cloned().collect();
        let allowed: BTreeSet<String> = match cells[2] {
            "nothing" => BTreeSet::new(),
            "all above" => above.clone(),
            some => some.split(", ").map(str::to_owned).collect(),
        };
        let below: Vec<_> = allowed.difference(&above).collect();
        assert!(below.is_empty(), "{} may import {below:?}, which no row above it names", cells[1]);
        for part in cells[1].split(", ").map(|part| part.trim_matches('`').trim_start_matches("src/")) {
            let twice = layers.insert(part.trim_end_matches(".rs").to_owned(), allowed.clone());
            assert!(twice.is_none(), "{part} has two rows");
        }
    }
    layers
}

/// The part of `src` that a file belongs to.
fn part(file: &str) -> &str {
    file.split('/').next().unwrap().trim_end_matches(".rs")
}

#[test]
fn imports_run_one_way() {
    let layers = table(&fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap());
    for (file, imported) in &HOUSE.imports.0 {
        let allowed = layers.get(part(file)).unwrap_or_else(|| panic!("{file} has no layer in ARCHITECTURE.md"));
        for other in imported {
            let fine = part(other) == part(file) || allowed.contains(part(other));
            assert!(fine, "{file} imports {other}");
        }
    }
}

#[test]
fn the_table_names_what_exists_and_nothing_else() {
    let layers = table(&fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap());
    let parts: BTreeSet<&str> = HOUSE.imports.0.keys().map(|file| part(file)).collect();
    assert_eq!(layers.keys().map(String::as_str).collect::<BTreeSet<_>>(), parts);
}

#[test]
fn the_table_is_read_as_people_read_it() {
    let text = "\n## Layers\n\n| layer | may import | what |\n| --- | --- | --- |\n| `src/a`, `src/b.rs` | nothing | x |\n| `src/c` | a | x \
                |\n| `src/main.rs` | all above | x |\n\n## Next\n| `src/d` | a | x |\n";
    let read = table(text);
    let read: Vec<String> = read.iter().map(|(part, allowed)| format!("{part}: {allowed:?}")).collect();
    assert_eq!(read, ["a: {}", "b: {}", "c: {\"a\"}", "main: {\"a\", \"b\", \"c\"}"]);
}

#[test]
#[should_panic(expected = "no row above it names")]
fn a_table_with_a_circle_is_rejected() {
    table("\n## Layers\n| `src/a` | b | x |\n| `src/b` | nothing | x |\n");
}
