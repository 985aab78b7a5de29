//! Who may assign a namespace to a tenant: the shipped admission policy, on the real API server.

use anyhow::ensure;
use sender_operator_harness::{
    ControlPlane, Identity,
    controlplane::{Output, apply},
    eventually,
};
use serde_json::{Value, json};

use crate::support::*;

const TENANT: &str = "sender-operator.io/tenant";
const ENVIRONMENT: &str = "sender-operator.io/environment";

/// Four users who may write namespaces, separate for each test.
struct LabelScenario {
    cluster: &'static ControlPlane,
    /// Prefix of all names.
    prefix: &'static str,
    /// May assign nothing.
    editor: Identity,
    /// A service account that may assign nothing.
    account: Identity,
    /// May assign everything: bound to the shipped role.
    assigner: Identity,
    /// May assign the tenant `acme`.
    of_acme: Identity,
}

impl LabelScenario {
    async fn new(prefix: &'static str) -> anyhow::Result<Self> {
        let cluster = ControlPlane::shared()?;
        cluster.install().await?;
        let admin = cluster.admin().await?;
        let role = |name: &str, rules: Value| {
            json!({
                "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
                "metadata": { "name": format!("{prefix}-{name}") }, "rules": rules,
            })
        };
        let written = ["namespaces", "namespaces/status", "namespaces/finalize"];
        let verbs = ["get", "list", "watch", "create", "update", "patch", "delete"];
        let writer = json!([{ "apiGroups": [""], "resources": written, "verbs": verbs }]);
        apply(&admin, None, &role("writer", writer)).await?;
        let of_acme = json!([{
            "apiGroups": ["sender-operator.io"], "resources": ["tenants"], "resourceNames": ["acme"], "verbs": ["assign"],
        }]);
        apply(&admin, None, &role("of-acme", of_acme)).await?;
        let user = |name: &str| format!("{prefix}-{name}");
        let subject =
            |name: &str| json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user(name) });
        let account = json!({ "kind": "ServiceAccount", "namespace": "default", "name": user("account") });
        let object = json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": { "name": user("account") } });
        apply(&admin, Some("default"), &object).await?;
        for (role, subjects) in [
            (user("writer"), json!([subject("editor"), account, subject("assigner"), subject("acmes")])),
            (user("of-acme"), json!([subject("acmes")])),
            ("sender-operator-tenant-assigner".to_owned(), json!([subject("assigner")])),
        ] {
            let binding = json!({
                "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
                "metadata": { "name": format!("{prefix}-is-{role}") },
                "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role },
                "subjects": subjects,
            });
            apply(&admin, None, &binding).await?;
        }
        let scenario = Self {
            cluster,
            prefix,
            editor: Identity::user(&user("editor"), &[]),
            account: Identity::Kubeconfig(cluster.service_account("default", &user("account")).await?),
            assigner: Identity::user(&user("assigner"), &[]),
            of_acme: Identity::user(&user("acmes"), &[]),
        };
        scenario.in_force().await?;
        Ok(scenario)
    }

    /// Waits until the API server enforces the policy and knows everybody's permissions.
    async fn in_force(&self) -> anyhow::Result<()> {
        let label = format!("{TENANT}=acme");
        let arguments = ["label", "namespace", "default", &label, "--dry-run=server"];
        for (who, allowed) in
            [(&self.editor, false), (&self.account, false), (&self.assigner, true), (&self.of_acme, true)]
        {
            eventually("the policy is in force", async || {
                let answer = self.cluster.kubectl(&arguments, who).await.map_err(|error| error.to_string())?;
                let known = answer.ok == allowed && (allowed || answer.stderr.contains("ask an administrator"));
                if known { Ok(()) } else { Err(format!("{who:?}: {answer:?}")) }
            })
            .await?;
        }
        Ok(())
    }

    fn name(&self, namespace: &str) -> String {
        format!("{}-{namespace}", self.prefix)
    }

    fn manifest(&self, namespace: &str, labels: &[(&str, &str)]) -> Value {
        let labels: serde_json::Map<String, Value> =
            labels.iter().map(|&(key, value)| (key.to_owned(), json!(value))).collect();
        json!({
            "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": self.name(namespace), "labels": labels },
        })
    }

    /// Creates a namespace as the administrator, who passes every check.
    async fn namespace(&self, namespace: &str, labels: &[(&str, &str)]) -> anyhow::Result<()> {
        apply(&self.cluster.admin().await?, None, &self.manifest(namespace, labels)).await
    }

    /// `kubectl label namespace <namespace> <change> --overwrite`.
    async fn label(&self, who: &Identity, namespace: &str, change: &str) -> anyhow::Result<Output> {
        self.cluster.kubectl(&["label", "namespace", &self.name(namespace), change, "--overwrite"], who).await
    }

    async fn input(&self, who: &Identity, arguments: &[&str], object: &Value) -> anyhow::Result<Output> {
        self.cluster.kubectl_with_input(arguments, who, &object.to_string()).await
    }

    /// The two labels, as `tenant/environment`.
    async fn labels(&self, namespace: &str) -> anyhow::Result<String> {
        let output = r"jsonpath={.metadata.labels.sender-operator\.io/tenant}/{.metadata.labels.sender-operator\.io/environment}";
        let arguments = ["get", "namespace", &self.name(namespace), "-o", output];
        self.cluster.kubectl(&arguments, &Identity::Admin).await?.success()
    }
}

/// Fails unless the command was rejected with a message that names this resource and value.
fn refused(case: &str, answer: &Output, resource: &str, name: &str) -> anyhow::Result<()> {
    ensure!(!answer.ok, "{case}: it was allowed: {}", answer.stdout);
    let right = format!("verb assign, group sender-operator.io, resource {resource}, name {name})");
    contains(&answer.stderr, &["ask an administrator", &right])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_of_namespaces_cannot_choose_their_tenant_or_environment() -> anyhow::Result<()> {
    let scenario = LabelScenario::new("labels-refused").await?;
    scenario.namespace("plain", &[]).await?;
    scenario.namespace("acmes", &[(TENANT, "acme"), (ENVIRONMENT, "prod")]).await?;
    for who in [&scenario.editor, &scenario.account] {
        for (namespace, change, resource, name) in [
            ("plain", format!("{TENANT}=acme"), "tenants", "acme"),
            ("plain", format!("{ENVIRONMENT}=prod"), "environments", "prod"),
            ("acmes", format!("{TENANT}=rival"), "tenants", "rival"),
            ("acmes", format!("{ENVIRONMENT}=test"), "environments", "test"),
            ("acmes", format!("{TENANT}-"), "tenants", "acme"),
            ("acmes", format!("{ENVIRONMENT}-"), "environments", "prod"),
            // An empty label counts as none.
            ("acmes", format!("{TENANT}="), "tenants", "acme"),
            ("acmes", format!("{ENVIRONMENT}="), "environments", "prod"),
        ] {
            refused(&change, &scenario.label(who, namespace, &change).await?, resource, name)?;
        }
        for (label, resource) in [(TENANT, "tenants"), (ENVIRONMENT, "environments")] {
            let manifest = scenario.manifest("new", &[(label, "acme")]);
            for how in [&["create", "-f", "-"][..], &["apply", "--server-side", "-f", "-"]] {
                refused(&format!("{how:?}"), &scenario.input(who, how, &manifest).await?, resource, "acme")?;
            }
        }
    }
    ensure!(scenario.labels("plain").await? == "/" && scenario.labels("acmes").await? == "acme/prod");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_subresource_is_a_way_around() -> anyhow::Result<()> {
    let scenario = LabelScenario::new("labels-sub").await?;
    scenario.namespace("plain", &[]).await?;
    let plain = scenario.name("plain");
    let patch = json!({ "metadata": { "labels": { TENANT: "acme" } } }).to_string();
    let status = ["patch", "namespace", &plain, "--subresource=status", "--type=merge", "-p", &patch];
    refused("status", &scenario.cluster.kubectl(&status, &scenario.editor).await?, "tenants", "acme")?;
    let mut whole = scenario.manifest("plain", &[(TENANT, "acme")]);
    whole["spec"] = json!({ "finalizers": ["kubernetes"] });
    let finalizing = format!("/api/v1/namespaces/{plain}/finalize");
    let finalize = ["replace", "--raw", &finalizing, "-f", "-"];
    refused("finalize", &scenario.input(&scenario.editor, &finalize, &whole).await?, "tenants", "acme")?;
    ensure!(scenario.labels("plain").await? == "/");
    // The requests themselves are valid: a user who may assign the tenant succeeds.
    scenario.input(&scenario.assigner, &finalize, &whole).await?.success()?;
    ensure!(scenario.labels("plain").await? == "acme/");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_may_assign_succeeds() -> anyhow::Result<()> {
    let scenario = LabelScenario::new("labels-allowed").await?;
    let who = &scenario.assigner;
    let made = scenario.manifest("made", &[(TENANT, "acme"), (ENVIRONMENT, "prod")]);
    scenario.input(who, &["create", "-f", "-"], &made).await?.success()?;
    for (change, expected) in [
        (format!("{TENANT}=rival"), "rival/prod"),
        (format!("{ENVIRONMENT}=test"), "rival/test"),
        (format!("{TENANT}-"), "/test"),
        (format!("{ENVIRONMENT}-"), "/"),
        (format!("{TENANT}=acme"), "acme/"),
    ] {
        scenario.label(who, "made", &change).await?.success()?;
        ensure!(scenario.labels("made").await? == expected, "{change}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_may_assign_one_tenant_moves_a_namespace_neither_to_another_nor_from_it() -> anyhow::Result<()> {
    let scenario = LabelScenario::new("labels-one").await?;
    scenario.namespace("plain", &[]).await?;
    scenario.namespace("rivals", &[(TENANT, "rival")]).await?;
    let who = &scenario.of_acme;
    scenario.label(who, "plain", &format!("{TENANT}=acme")).await?.success()?;
    let away = scenario.label(who, "plain", &format!("{TENANT}=rival")).await?;
    refused("acme to rival", &away, "tenants", "rival")?;
    let taken = scenario.label(who, "rivals", &format!("{TENANT}=acme")).await?;
    refused("rival to acme", &taken, "tenants", "rival")?;
    // The permission for a tenant does not include the environment of that name.
    let environment = scenario.label(who, "plain", &format!("{ENVIRONMENT}=acme")).await?;
    refused("environment", &environment, "environments", "acme")?;
    scenario.label(who, "plain", &format!("{TENANT}-")).await?.success()?;
    ensure!(scenario.labels("plain").await? == "/" && scenario.labels("rivals").await? == "rival/");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_without_the_labels_are_allowed() -> anyhow::Result<()> {
    let scenario = LabelScenario::new("labels-other").await?;
    let labelled = [(TENANT, "acme"), (ENVIRONMENT, "prod")];
    scenario.namespace("acmes", &labelled).await?;
    let acmes = scenario.name("acmes");
    for who in [&scenario.editor, &scenario.account] {
        scenario.label(who, "acmes", "team=mail").await?.success()?;
        let annotate = ["annotate", "namespace", &acmes, "note=hello", "--overwrite"];
        scenario.cluster.kubectl(&annotate, who).await?.success()?;
        // Applying the same labels again is no change.
        let apply = ["apply", "--server-side", "--force-conflicts", "-f", "-"];
        scenario.input(who, &apply, &scenario.manifest("acmes", &labelled)).await?.success()?;
    }
    scenario
        .input(&scenario.editor, &["create", "-f", "-"], &scenario.manifest("new", &[("team", "mail")]))
        .await?
        .success()?;
    ensure!(scenario.labels("acmes").await? == "acme/prod");
    // The deletion completes only when the namespace controller, which may assign nothing, has removed its finalizer.
    let delete = ["delete", "namespace", &acmes, PATIENT];
    scenario.cluster.kubectl(&delete, &scenario.editor).await?.success()?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_server_finds_no_fault_in_the_policy() -> anyhow::Result<()> {
    let scenario = LabelScenario::new("labels-types").await?;
    let get = ["get", "validatingadmissionpolicy", "sender-operator-namespace-labels", "-o", "json"];
    let status = eventually("the expressions are checked", async || {
        let answer = scenario.cluster.kubectl(&get, &Identity::Admin).await.and_then(Output::success);
        let policy: Value = serde_json::from_str(&answer.map_err(|error| error.to_string())?).unwrap();
        let seen = policy["status"]["observedGeneration"] == policy["metadata"]["generation"];
        if seen { Ok(policy["status"].clone()) } else { Err(policy.to_string()) }
    })
    .await?;
    ensure!(status["typeChecking"]["expressionWarnings"].is_null(), "{status:#}");
    Ok(())
}
