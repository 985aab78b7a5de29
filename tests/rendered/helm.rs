//! Runs Helm and kubeconform.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::LazyLock,
};

use sender_operator_harness::controlplane::workspace;
use serde_json::{Value, json};

use crate::objects::RenderedObjects;

static TOOLS: LazyLock<PathBuf> = LazyLock::new(|| {
    let script = workspace().join("tests/rendered/build");
    let output = Command::new(script).stdin(Stdio::null()).stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "helm and kubeconform could not be built: see above");
    PathBuf::from(String::from_utf8(output.stdout).unwrap().trim())
});

pub fn chart() -> PathBuf {
    workspace().join("charts/sender-operator")
}

/// Runs one of the tools with a text on its standard input. Returns its output, or its error.
#[allow(clippy::unwrap_in_result, reason = "a tool that can't be run fails the test; its complaints are the result")]
pub fn run(tool: &str, arguments: &[&str], input: &str) -> Result<String, String> {
    let mut child = Command::new(TOOLS.join(tool))
        .args(arguments)
        // Ignore the user's own settings and any reachable cluster.
        .env("HELM_CONFIG_HOME", TOOLS.join("no-config"))
        .env("KUBECONFIG", "/dev/null")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A tool that fails early reads no input; its message has the cause.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stdout) + &text(output.stderr)) }
}

/// Renders a release `mail` in the namespace `mail-system`, with these values (JSON is YAML) and a region.
pub fn template(values: &Value) -> Result<String, String> {
    template_as("mail", "mail-system", values)
}

pub fn template_as(release: &str, namespace: &str, values: &Value) -> Result<String, String> {
    let (chart, mut values) = (chart(), values.clone());
    if values["aws"]["region"].is_null() {
        values["aws"]["region"] = json!("eu-west-1");
    }
    let arguments =
        ["template", release, path(&chart), "--namespace", namespace, "--kube-version", "1.36.3", "-f", "-"];
    run("helm", &arguments, &values.to_string())
}

pub fn rendered(values: &Value) -> RenderedObjects {
    RenderedObjects::parse(&template(values).unwrap_or_else(|error| panic!("{values}: {error}")))
}

pub fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}
