//! Paths of the programs from the build script, which downloads or builds missing ones.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, bail};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
pub struct Programs {
    programs: BTreeMap<String, PathBuf>,
}

impl Programs {
    /// Runs the build script. This is fast if all programs exist. The first run on a machine downloads or builds them,
    /// which can take minutes, and shows its progress on stderr.
    pub fn ready() -> anyhow::Result<Self> {
        let script = workspace().join("tests/controlplane/build");
        // stderr is inherited: test runners only capture Rust's output, so the progress is visible.
        let output = Command::new(&script)
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .with_context(|| format!("{} could not be started", script.display()))?;
        if !output.status.success() {
            bail!("the control plane for tests could not be provided: see what {} says above", script.display());
        }
        serde_json::from_slice(&output.stdout).context("the build script's answer")
    }

    pub fn path(&self, name: &str) -> anyhow::Result<&Path> {
        self.programs.get(name).map(PathBuf::as_path).with_context(|| format!("no program is called {name}"))
    }
}

pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
