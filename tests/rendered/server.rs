//! A real API server accepts the rendered objects, in a namespace that enforces pod security `restricted`.

use anyhow::ensure;
use sender_operator_harness::{ControlPlane, Identity};
use serde_json::{Value, json};

use crate::{helm::template_as, objects::RenderedObjects, sets};

/// Kinds that only third parties serve.
const OF_OTHERS: [&str; 2] = ["ServiceMonitor", "HTTPRoute"];
const DRY: [&str; 6] = ["apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", "-"];

async fn restricted_namespace(cluster: &ControlPlane, name: &str) -> anyhow::Result<()> {
    let namespace = json!({
        "apiVersion": "v1", "kind": "Namespace",
        "metadata": { "name": name, "labels": { "pod-security.kubernetes.io/enforce": "restricted" } },
    });
    cluster.kubectl_with_input(&["apply", "-f", "-"], &Identity::Admin, &namespace.to_string()).await?.success()?;
    Ok(())
}

/// A pod as the Deployment would create it.
fn pod(deployment: &Value, namespace: &str) -> Value {
    let template = &deployment["spec"]["template"];
    let mut spec = template["spec"].clone();
    // The service account does not exist in a dry run.
    spec["serviceAccountName"] = json!("default");
    json!({
        "apiVersion": "v1", "kind": "Pod", "spec": spec,
        "metadata": { "name": "as-rendered", "namespace": namespace, "labels": template["metadata"]["labels"] },
    })
}

#[tokio::test]
async fn the_api_server_accepts_every_set_of_values_and_admits_its_pods() -> anyhow::Result<()> {
    let cluster = ControlPlane::shared()?;
    let namespace = "rendered-system";
    restricted_namespace(cluster, namespace).await?;
    let account = json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": { "name": "default", "namespace": namespace } });
    cluster.kubectl_with_input(&["apply", "-f", "-"], &Identity::Admin, &account.to_string()).await?.success()?;
    for (name, values) in sets::all() {
        let mut objects = RenderedObjects::parse(&template_as("rendered", namespace, &values).unwrap()).0;
        objects.retain(|object| !OF_OTHERS.contains(&object["kind"].as_str().unwrap()));
        let mut made = pod(objects.iter().find(|object| object["kind"] == "Deployment").unwrap(), namespace);
        // Admission in kube-system and the scheduler set these; a pod in a dry run lacks them.
        made["spec"].as_object_mut().unwrap().remove("priorityClassName");
        objects.push(made);
        let list = json!({ "apiVersion": "v1", "kind": "List", "items": objects });
        let said = cluster.kubectl_with_input(&DRY, &Identity::Admin, &list.to_string()).await?;
        ensure!(said.ok, "{name}: {}", said.stderr);
        ensure!(!said.stderr.contains("Warning"), "{name}: {}", said.stderr);
    }
    Ok(())
}

#[tokio::test]
async fn a_less_restricted_pod_is_rejected() -> anyhow::Result<()> {
    let cluster = ControlPlane::shared()?;
    let namespace = "rendered-careless";
    restricted_namespace(cluster, namespace).await?;
    let objects = RenderedObjects::parse(&template_as("rendered", namespace, &json!({})).unwrap());
    let mut made = pod(objects.get("Deployment", "").unwrap(), namespace);
    made["spec"]["containers"][0]["securityContext"]["allowPrivilegeEscalation"] = json!(true);
    let said = cluster.kubectl_with_input(&DRY, &Identity::Admin, &made.to_string()).await?;
    ensure!(!said.ok && said.stderr.contains("violates PodSecurity \"restricted"), "{}", said.stderr);
    Ok(())
}
