//! The structure of the code: imports run one way and without circles, the core is pure, files stay small.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod circles;
mod files;
mod layers;

use std::{path::Path, sync::LazyLock};

use sender_operator_harness::house::{Calls, Imports, Tree, ways_of_a_domain};

/// The input of the tests, read once.
struct House {
    imports: Imports,
    /// Path and text of every Rust file.
    texts: Vec<(String, String)>,
    /// Whether `make house` finds the path of a domain.
    has_ways: bool,
}

static HOUSE: LazyLock<House> = LazyLock::new(|| {
    let tree = Tree::of_folder(root()).unwrap();
    let (imports, has_ways) = (Imports::of(&tree), ways_of_a_domain(&Calls::of(&tree)).is_some());
    House { imports, texts: tree.files.into_iter().map(|file| (file.path, file.text)).collect(), has_ways }
});

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
