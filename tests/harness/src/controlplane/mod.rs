//! A real Kubernetes control plane: etcd, kube-apiserver and kube-controller-manager, without nodes.

mod identity;
mod install;
mod kubectl;
mod programs;

use std::{
    collections::BTreeMap,
    fmt::Debug,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{ChildStdout, Command, Stdio},
    sync::OnceLock,
    thread,
};

use anyhow::{Context, anyhow, bail};
use serde::Deserialize;
use tokio::sync::{Mutex, OnceCell, mpsc};

pub use self::{
    identity::Identity,
    install::apply,
    kubectl::{Output, PATIENT},
    programs::{Programs, workspace},
};
use crate::process_guard::ProcessGuard;

/// A running control plane, independent of a runtime: each test makes its own clients. Dropping it ends everything.
#[derive(Debug)]
pub struct ControlPlane {
    programs: Programs,
    facts: Facts,
    answers: Mutex<mpsc::UnboundedReceiver<String>>,
    installed: OnceCell<()>,
    guard: ProcessGuard,
}

/// The launcher's description of the control plane.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Facts {
    /// Folder of this control plane: certificates, logs, data. It is deleted with the control plane.
    pub data_dir: PathBuf,
    pub kubeconfig: PathBuf,
    pub server: String,
    /// Process ids by program, including the launcher.
    pub pids: BTreeMap<String, u32>,
}

#[derive(Deserialize)]
struct LauncherAnswer {
    ok: bool,
    #[serde(default)]
    error: String,
    pids: BTreeMap<String, u32>,
}

impl ControlPlane {
    /// The control plane of this process, started by the first caller. It ends with the process.
    pub fn shared() -> anyhow::Result<&'static Self> {
        // A static is never dropped: the pipe to the launcher closes when the process ends.
        static SHARED: OnceLock<Result<ControlPlane, String>> = OnceLock::new();
        SHARED
            .get_or_init(|| Self::start().map_err(|error| format!("{error:#}")))
            .as_ref()
            .map_err(|text| anyhow!("{text}"))
    }

    /// Starts a separate control plane. Blocks until it is ready, some 5 seconds; any number can run in parallel.
    pub fn start() -> anyhow::Result<Self> {
        // An error only means that a provider was already installed.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let programs = Programs::ready()?;
        let mut command = Command::new(programs.path("launcher")?);
        command.arg("start").stdout(Stdio::piped());
        for program in ["etcd", "kube-apiserver", "kube-controller-manager"] {
            command.arg(format!("--{program}")).arg(programs.path(program)?);
        }
        let guard = ProcessGuard::spawn(&mut command).context("the launcher could not be started")?;
        let mut stdout = BufReader::new(guard.stdout().context("the launcher has no stdout")?);
        let mut line = String::new();
        stdout.read_line(&mut line)?;
        let facts =
            serde_json::from_str(&line).map_err(|_| anyhow!("the control plane did not start: {}", said(&line)))?;
        let (answers, installed) = (Mutex::new(forward(stdout)), OnceCell::new());
        Ok(Self { programs, facts, answers, installed, guard })
    }

    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    pub fn programs(&self) -> &Programs {
        &self.programs
    }

    /// A path inside the control plane's folder, which is deleted with it.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.facts.data_dir.join(name)
    }

    /// Sends the launcher a command about one of its programs, such as `stop kube-apiserver`: a power cut. The commands
    /// are `stop`, `start`, `restart`, `pause` and `continue`; a start returns when the program is usable again, on its
    /// old port. Returns the new process ids.
    pub async fn command(&self, line: &str) -> anyhow::Result<BTreeMap<String, u32>> {
        // One command at a time: answers come in the order of commands.
        let mut answers = self.answers.lock().await;
        self.guard.send(line)?;
        let text = answers.recv().await.with_context(|| format!("{line}: the launcher is gone"))?;
        let answer: LauncherAnswer = serde_json::from_str(&text)?;
        if !answer.ok {
            bail!("{line}: {}", answer.error);
        }
        Ok(answer.pids)
    }
}

/// The error in the launcher's line, or the line.
fn said(line: &str) -> String {
    #[derive(Deserialize)]
    struct Failure {
        error: String,
    }
    serde_json::from_str(line).map_or_else(|_| format!("{line:?}"), |failure: Failure| failure.error)
}

/// Forwards the launcher's further lines to the runtime that waits for them.
fn forward(stdout: BufReader<ChildStdout>) -> mpsc::UnboundedReceiver<String> {
    let (sender, receiver) = mpsc::unbounded_channel();
    thread::spawn(move || {
        for line in stdout.lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}
