//! What the documents say of the tests is so.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, path::Path};

/// Names in backquotes like `proofs/life::a_test`.
fn named_tests(text: &str) -> Vec<(&str, &str)> {
    text.split('`').skip(1).step_by(2).filter_map(|word| word.split_once("::")).collect()
}

#[test]
fn every_row_of_the_conflicts_names_a_test_that_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/conflicts.md")).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| ---"));
    let rows: Vec<&str> = rows.filter(|row| !row.ends_with("| Test |")).collect();
    assert!(rows.len() > 40, "{}", rows.len());
    for row in rows {
        let names = named_tests(row);
        assert_eq!(names.len(), 1, "{row}");
        let (file, test) = names[0];
        let code = fs::read_to_string(root.join("tests/passes").join(file).with_extension("rs")).unwrap_or_default();
        assert!(code.contains(&format!("fn {test}(")), "there is no test {file}::{test}");
    }
}
