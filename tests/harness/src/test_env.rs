//! The environment of one test: the control plane, a simulator, and an operator with its own environment.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use anyhow::Context;
use kube::Client;
use serde_json::json;
use ses_simulator::{IdentityPatch, Simulator, Status};

use crate::{
    ControlPlane, Identity, Operator, OperatorOptions, Proxy, ReceivedMail,
    controlplane::{apply, workspace},
    eventually, operator,
    rights::{self, Right},
};

/// Name of the operator's service account, roles and Secret, as in the chart.
const OPERATOR: &str = "sender-operator";

/// Domain of the sender of the operator's own mails, and the sender.
const SENDER_DOMAIN: &str = "notify.platform.example";
const SENDER: &str = "addresses@notify.platform.example";

/// A test environment. Test environments share only the control plane: an operator serves only the namespaces with its
/// environment's label.
pub struct TestEnv<'c> {
    pub cluster: &'c ControlPlane,
    pub simulator: Simulator,
    pub operator: Operator,
    environment: String,
    kubeconfig: PathBuf,
}

pub struct TestEnvBuilder<'c> {
    cluster: Option<&'c ControlPlane>,
    proxy: Option<&'c Proxy>,
    environment: String,
    simulator: ses_simulator::Options,
    settings: BTreeMap<String, String>,
    asks_owners: bool,
    log_format: String,
    log: Option<PathBuf>,
}

/// A namespace of this environment, and a user with the built-in role `edit` in it.
pub struct TenantNamespace<'c> {
    pub namespace: String,
    pub user: Identity,
    pub client: Client,
    cluster: &'c ControlPlane,
}

impl TestEnv<'static> {
    /// Runs a test in a test environment on this process' shared control plane, with short delays: see
    /// [`TestEnv::builder`].
    pub async fn scenario(
        name: &str,
        scenario: impl AsyncFnOnce(&mut TestEnv<'static>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        TestEnv::builder(name).run(scenario).await
    }
}

impl<'c> TestEnv<'c> {
    /// Starts another replica of the operator, without a proxy before its API server. It is not ready yet.
    pub fn replica(&self, identity: &str) -> anyhow::Result<Operator> {
        self.operator.replica(identity, self.kubeconfig.clone())
    }

    /// A test environment whose environment is named after the test (at most 30 characters) and a number.
    pub fn builder(name: &str) -> TestEnvBuilder<'c> {
        static NEXT: AtomicUsize = AtomicUsize::new(1);
        let environment = format!("{name}-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        // Minutes in production are moments here. Most tests are not about proofs.
        let settings = [
            ("ses-rate", "1000"),
            ("poll-interval", "200ms"),
            ("refresh-interval", "2s"),
            ("release-delay", "1s"),
            ("proof", "none"),
        ];
        TestEnvBuilder {
            cluster: None,
            proxy: None,
            environment,
            simulator: ses_simulator::Options {
                region: "eu-west-1".to_owned(),
                rate: None,
                check_interval: Duration::from_millis(100),
                ..ses_simulator::Options::default()
            },
            settings: settings.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            asks_owners: false,
            log_format: "json".to_owned(),
            log: None,
        }
    }

    /// Sets whether SES sends for the operator's own sender.
    pub fn verify_sender(&self, verified: bool) {
        let status = if verified { Status::Success } else { Status::Pending };
        self.simulator.put_identity(SENDER_DOMAIN, IdentityPatch::status(status));
    }

    /// Waits for the mail with this number to an address (the first is 1), and reads it.
    pub async fn mail(&self, address: &str, number: usize) -> anyhow::Result<ReceivedMail> {
        let what = format!("mail {number} to {address}");
        let received = eventually(&what, async || {
            let mails = self.simulator.mails_to(address);
            number.checked_sub(1).and_then(|at| mails.get(at).cloned()).ok_or_else(|| format!("{} mails", mails.len()))
        });
        ReceivedMail::read(received.await?)
    }

    pub fn environment(&self) -> &str {
        &self.environment
    }

    /// A namespace `<environment>-<name>` of this environment. Its tenant is the label, or the namespace itself.
    pub async fn tenant_namespace(&self, name: &str, tenant: Option<&str>) -> anyhow::Result<TenantNamespace<'c>> {
        self.tenant_in(&format!("{}-{name}", self.environment), tenant).await
    }

    /// The same with the full name of the namespace.
    pub async fn tenant_in(&self, namespace: &str, tenant: Option<&str>) -> anyhow::Result<TenantNamespace<'c>> {
        let admin = self.cluster.admin().await?;
        let mut labels = json!({ "sender-operator.io/environment": self.environment });
        if let Some(tenant) = tenant {
            labels["sender-operator.io/tenant"] = json!(tenant);
        }
        let object = json!({
            "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": namespace, "labels": labels },
        });
        apply(&admin, None, &object).await?;
        let user = format!("{namespace}-user");
        let subject = json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user });
        apply(&admin, Some(namespace), &binding("RoleBinding", "tenant", ("ClusterRole", "edit"), &subject)).await?;
        let right = Right::new("create", "sender-operator.io", "senderdomains").in_namespace(namespace);
        rights::granted(&admin, &user, &["system:authenticated"], &right).await?;
        let user = Identity::user(&user, &[]);
        let client = self.cluster.client(&user).await?;
        Ok(TenantNamespace { namespace: namespace.to_owned(), user, client, cluster: self.cluster })
    }
}

impl TenantNamespace<'_> {
    pub async fn kubectl(&self, arguments: &[&str]) -> anyhow::Result<crate::controlplane::Output> {
        self.kubectl_with_input(arguments, "").await
    }

    /// The same with text on standard input.
    pub async fn kubectl_with_input(
        &self,
        arguments: &[&str],
        input: &str,
    ) -> anyhow::Result<crate::controlplane::Output> {
        let arguments: Vec<&str> = [arguments, &["--namespace", &self.namespace]].concat();
        self.cluster.kubectl_with_input(&arguments, &self.user, input).await
    }
}

impl<'c> TestEnvBuilder<'c> {
    /// Uses this control plane instead of the shared one.
    #[must_use]
    pub fn on(mut self, cluster: &'c ControlPlane) -> Self {
        self.cluster = Some(cluster);
        self
    }

    /// Only the operator reaches the API server through this proxy.
    #[must_use]
    pub fn behind(mut self, proxy: &'c Proxy) -> Self {
        self.proxy = Some(proxy);
        self
    }

    /// The operator sends confirmation mails: it has a verified sender and serves the pages.
    #[must_use]
    pub fn asking_owners(mut self) -> Self {
        self.asks_owners = true;
        // With one mail per second, as in the sandbox, tests would spend most of their time waiting.
        self.setting("confirmation-sender", SENDER).setting("mail-rate", "100")
    }

    /// Exactly this environment, without a number.
    #[must_use]
    pub fn environment(mut self, name: &str) -> Self {
        name.clone_into(&mut self.environment);
        self
    }

    /// Sets an operator setting by the name of its flag, such as `("release-delay", "15m")`.
    #[must_use]
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.insert(name.to_owned(), value.to_owned());
        self
    }

    #[must_use]
    pub fn simulator(mut self, change: impl FnOnce(&mut ses_simulator::Options)) -> Self {
        change(&mut self.simulator);
        self
    }

    /// Writes the operator's log in human format into this file.
    #[must_use]
    pub fn human_log(mut self, path: PathBuf) -> Self {
        "human".clone_into(&mut self.log_format);
        self.log = Some(path);
        self
    }

    /// Runs a test in this test environment. Its error contains the end of the operator's log.
    pub async fn run<T>(self, scenario: impl AsyncFnOnce(&mut TestEnv<'c>) -> anyhow::Result<T>) -> anyhow::Result<T> {
        let mut env = self.start().await?;
        let outcome = scenario(&mut env).await;
        outcome.with_context(|| env.operator.log_tail())
    }

    /// Starts simulator and operator; returns when the operator is ready.
    pub async fn start(self) -> anyhow::Result<TestEnv<'c>> {
        let cluster = match self.cluster {
            Some(cluster) => cluster,
            None => ControlPlane::shared()?,
        };
        cluster.install().await?;
        let region = self.simulator.region.clone();
        let simulator = Simulator::start(self.simulator).await?;
        let namespace = format!("{}-system", self.environment);
        install_release(cluster, &self.environment, &namespace).await?;
        let log = match self.log {
            Some(path) => path,
            None => log_path(&self.environment)?,
        };
        let direct = cluster.service_account(&namespace, OPERATOR).await?;
        let kubeconfig = match self.proxy {
            Some(proxy) => proxy.kubeconfig(&direct)?,
            None => direct.clone(),
        };
        let variable = |name: String| format!("SENDER_OPERATOR_{}", name.to_uppercase().replace('-', "_"));
        let options = OperatorOptions {
            binary: operator::binary()?,
            kubeconfig,
            aws_url: simulator.url(),
            region,
            dns: simulator.dns(),
            environment: self.environment.clone(),
            namespace,
            identity: "a".to_owned(),
            pages: self.asks_owners,
            log_format: self.log_format,
            env: self.settings.into_iter().map(|(name, value)| (variable(name), value)).collect(),
            log,
        };
        let mut operator = Operator::start(cluster, options)?;
        operator.wait_ready().await?;
        let env = TestEnv { cluster, simulator, operator, environment: self.environment, kubeconfig: direct };
        if self.asks_owners {
            env.verify_sender(true);
        }
        Ok(env)
    }
}

/// The objects of a chart release for its operator: namespace, service account and the bindings of the roles.
async fn install_release(cluster: &ControlPlane, environment: &str, namespace: &str) -> anyhow::Result<()> {
    let admin = cluster.admin().await?;
    let account = json!({ "kind": "ServiceAccount", "name": OPERATOR, "namespace": namespace });
    let object = |kind: &str, name: &str| json!({ "apiVersion": "v1", "kind": kind, "metadata": { "name": name } });
    let release = format!("{OPERATOR}-{environment}");
    apply(&admin, None, &object("Namespace", namespace)).await?;
    apply(&admin, Some(namespace), &object("ServiceAccount", OPERATOR)).await?;
    apply(&admin, None, &binding("ClusterRoleBinding", &release, ("ClusterRole", OPERATOR), &account)).await?;
    let role = std::fs::read_to_string(workspace().join("charts/sender-operator/files/role-operator.yaml"))?;
    let role = role.replace("sender-operator-default", &format!("sender-operator-{environment}"));
    apply(&admin, Some(namespace), &serde_saphyr::from_str(&role)?).await?;
    apply(&admin, Some(namespace), &binding("RoleBinding", OPERATOR, ("Role", OPERATOR), &account)).await?;
    let user = format!("system:serviceaccount:{namespace}:{OPERATOR}");
    for right in [
        Right::new("watch", "sender-operator.io", "senderdomains"),
        Right::new("get", "", "secrets").in_namespace(namespace).named(OPERATOR),
    ] {
        rights::granted(&admin, &user, &["system:authenticated", "system:serviceaccounts"], &right).await?;
    }
    Ok(())
}

fn binding(kind: &str, name: &str, role: (&str, &str), subject: &serde_json::Value) -> serde_json::Value {
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": { "name": name },
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": role.0, "name": role.1 },
        "subjects": [subject],
    })
}

/// `target/debug/operator-logs/<test program>-<environment>.log`: kept until the next run.
fn log_path(environment: &str) -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let stem = own.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    // Cargo adds a hash to a test's name; with it, each build would leave its own logs.
    let program = stem.rsplit_once('-').map_or(stem.as_str(), |(name, _)| name);
    let folder = own.ancestors().nth(2).context("tests run in target/debug/deps")?.join("operator-logs");
    std::fs::create_dir_all(&folder)?;
    Ok(folder.join(format!("{program}-{environment}.log")))
}
