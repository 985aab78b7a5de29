//! `make house`: figures about the structure of the code. `house [COMMIT]`; default: the working tree.

use std::{env, io::Write, path::Path};

use anyhow::Context;
use sender_operator_harness::house::{Report, Tree};

fn main() -> anyhow::Result<()> {
    // tests/harness is two folders below the root.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).context("there is no root")?;
    let tree = match env::args().nth(1).filter(|commit| !commit.is_empty()) {
        Some(commit) => Tree::of_commit(root, &commit)?,
        None => Tree::of_folder(root)?,
    };
    write!(std::io::stdout(), "{}", Report::of(&tree))?;
    Ok(())
}
