//! kubectl as a user runs it.

use std::{process::Stdio, time::Duration};

use anyhow::{Context, bail};
use tokio::{io::AsyncWriteExt, process::Command, time::timeout};

use super::{ControlPlane, Identity};

/// For `kubectl wait` and `kubectl delete`, whose default limits are too short for a slow machine.
pub const PATIENT: &str = "--timeout=5m";
/// Longer than any command that does not hang, including [`PATIENT`] ones.
const DEADLINE: Duration = Duration::from_mins(6);

#[derive(Clone, Debug)]
pub struct Output {
    pub ok: bool,
    pub stdout: String,
    pub stderr: String,
}

impl Output {
    /// Standard output of a successful run; otherwise an error with standard error.
    pub fn success(self) -> anyhow::Result<String> {
        if !self.ok {
            bail!("kubectl failed: {}{}", self.stdout, self.stderr);
        }
        Ok(self.stdout)
    }
}

impl ControlPlane {
    /// Runs kubectl of the control plane's version. An exit code other than 0 is not an error of this function.
    pub async fn kubectl(&self, arguments: &[&str], identity: &Identity) -> anyhow::Result<Output> {
        self.kubectl_with_input(arguments, identity, "").await
    }

    /// Runs kubectl with text on its standard input, as in `kubectl apply -f -`.
    pub async fn kubectl_with_input(
        &self,
        arguments: &[&str],
        identity: &Identity,
        input: &str,
    ) -> anyhow::Result<Output> {
        let mut child = Command::new(self.programs().path("kubectl")?)
            .args(arguments)
            .env("KUBECONFIG", self.kubeconfig(identity)?)
            // Ignores the user's settings, and kubectl's cache of another server on the same port.
            .env("HOME", &self.facts().data_dir)
            .env("KUBECACHEDIR", self.path("kubectl-cache"))
            .env("KUBERC", "off")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("kubectl could not be started")?;
        if let Some(mut stdin) = child.stdin.take() {
            // kubectl may end before it reads everything; its own message then gives the reason.
            let _ = stdin.write_all(input.as_bytes()).await;
        }
        let output = timeout(DEADLINE, child.wait_with_output())
            .await
            .with_context(|| format!("kubectl {} did not end", arguments.join(" ")))??;
        Ok(Output {
            ok: output.status.success(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }
}
