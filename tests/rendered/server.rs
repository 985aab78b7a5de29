//! A real API server takes what Helm renders, in a namespace that enforces pod security `restricted`.

use anyhow::ensure;
use sender_operator_harness::{ControlPlane, Identity};
use serde_json::{Value, json};

use crate::{helm::template_as, objects::RenderedObjects, sets};

/// Kinds that only others serve.
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

/// A pod as the Deployment would make it.
fn pod(deployment: &Value, namespace: &str) -> Value {
    let template = &deployment["spec"]["template"];
    let mut spec = template["spec"].clone();
    // The account is not there in a dry run.
    spec["serviceAccountName"] = json!("default");
    json!({
        "apiVersion": "v1", "kind": "Pod", "spec": spec,
        "metadata": { "name": "as-rendered", "namespace": namespace, "labels": template["metadata"]["labels"] },
    })
}

#[tokio::test]
async fn the_api_server_takes_every_set_of_values_and_lets_its_pods_in() -> anyhow::Result<()> {
    let cluster = ControlPlane::shared()?;
    let namespace = "rendered-system";
    restricted_namespace(cluster, namespace).await?;
    let account = json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": { "name": "default", "namespace": namespace } });
    cluster.kubectl_with_input(&["apply", "-f", "-"], &Identity::Admin, &account.to_string()).await?.success()?;
    for (name, values) in sets::all() {
        let mut objects = RenderedObjects::parse(&template_as("rendered", namespace, &values).unwrap()).0;
        objects.retain(|object| !OF_OTHERS.contains(&object["kind"].as_str().unwrap()));
        let mut made = pod(objects.iter().find(|object| object["kind"] == "Deployment").unwrap(), namespace);
        // Given by kube-system's admission and the scheduler, which a dry run of a pod has not.
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
async fn a_pod_with_less_care_would_not_be_let_in() -> anyhow::Result<()> {
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
