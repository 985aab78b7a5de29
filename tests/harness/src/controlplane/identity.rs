//! Identities: each is a kubeconfig, so clients, kubectl and the operator can all use it.

use std::{
    collections::hash_map::DefaultHasher,
    fs,
    hash::{Hash, Hasher},
    path::{Path, PathBuf},
};

use anyhow::Context;
use k8s_openapi::api::{
    authentication::v1::{TokenRequest, TokenRequestSpec},
    core::v1::ServiceAccount,
};
use kube::{
    Api, Client, Config,
    api::PostParams,
    config::{KubeConfigOptions, Kubeconfig},
};
use serde_json::{Value, json};

use super::ControlPlane;

/// Lifetime of service account tokens: a demo can stay open for days.
const TOKEN_SECONDS: i64 = 7 * 24 * 3600;

#[derive(Clone, Debug, Hash)]
pub enum Identity {
    /// The administrator: for set-up only.
    Admin,
    /// A user whom the administrator impersonates: the API server applies the user's own rights.
    User {
        name: String,
        /// Groups of the user. Every user is in `system:authenticated`.
        groups: Vec<String>,
    },
    /// The user of this kubeconfig.
    Kubeconfig(PathBuf),
}

impl Identity {
    pub fn user(name: &str, groups: &[&str]) -> Self {
        Self::User { name: name.to_owned(), groups: groups.iter().map(|&group| group.to_owned()).collect() }
    }
}

impl ControlPlane {
    /// An administrator's client for the current runtime.
    pub async fn admin(&self) -> anyhow::Result<Client> {
        self.client(&Identity::Admin).await
    }

    /// A client for the current runtime only: each test has its own runtime.
    pub async fn client(&self, identity: &Identity) -> anyhow::Result<Client> {
        let kubeconfig = Kubeconfig::read_from(self.kubeconfig(identity)?)?;
        let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?;
        Ok(Client::try_from(config)?)
    }

    pub fn kubeconfig(&self, identity: &Identity) -> anyhow::Result<PathBuf> {
        match identity {
            Identity::Admin => Ok(self.facts().kubeconfig.clone()),
            Identity::Kubeconfig(path) => Ok(path.clone()),
            Identity::User { name, groups } => {
                let mut hasher = DefaultHasher::new();
                identity.hash(&mut hasher);
                self.write_kubeconfig(&format!("user-{:016x}", hasher.finish()), |user| {
                    user["as"] = json!(name);
                    user["as-groups"] = json!(groups);
                })
            }
        }
    }

    /// Path of a kubeconfig with a token for an existing service account.
    pub async fn service_account(&self, namespace: &str, name: &str) -> anyhow::Result<PathBuf> {
        let accounts: Api<ServiceAccount> = Api::namespaced(self.admin().await?, namespace);
        let spec = TokenRequestSpec { expiration_seconds: Some(TOKEN_SECONDS), ..TokenRequestSpec::default() };
        let request = TokenRequest { spec: Some(spec), ..TokenRequest::default() };
        let answer = accounts.create_token_request(name, &PostParams::default(), &request).await?;
        let token = answer.status.context("a token request without a status")?.token;
        self.write_kubeconfig(&format!("{namespace}.{name}"), |user| *user = json!({ "token": token }))
    }

    /// Writes the administrator's kubeconfig with another user.
    fn write_kubeconfig(&self, name: &str, change: impl FnOnce(&mut Value)) -> anyhow::Result<PathBuf> {
        let mut config: Value = serde_json::from_slice(&fs::read(&self.facts().kubeconfig)?)?;
        change(&mut config["users"][0]["user"]);
        let path = self.path(format!("{name}.kubeconfig"));
        replace_file(&path, &serde_json::to_vec_pretty(&config)?)
            .with_context(|| format!("{} could not be written", path.display()))?;
        Ok(path)
    }
}

/// Another test may be reading the file, so it is replaced atomically.
fn replace_file(path: &Path, data: &[u8]) -> std::io::Result<()> {
    let unfinished = path.with_extension(format!("{:?}", std::thread::current().id()));
    fs::write(&unfinished, data)?;
    fs::rename(unfinished, path)
}
