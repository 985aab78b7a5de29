//! Installs the objects that all releases share: the shipped CRDs, cluster roles and admission policy.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use kube::{
    Api, Client,
    api::{DynamicObject, ListParams, Patch, PatchParams},
    core::GroupVersionKind,
    discovery::ApiResource,
};
use serde_json::Value;

use super::{ControlPlane, workspace};
use crate::wait::eventually;

impl ControlPlane {
    /// Applies `crds/`, the cluster roles and the admission policy of the chart as administrator, and returns when the
    /// API server serves the kinds. It enforces the policy a moment later. Only the first call for a control plane does
    /// the work.
    pub async fn install(&self) -> anyhow::Result<()> {
        self.installed.get_or_try_init(|| self.install_once()).await.copied()
    }

    async fn install_once(&self) -> anyhow::Result<()> {
        let admin = self.admin().await?;
        // Also the binding of `validatingadmissionpolicy-`.
        for prefix in ["clusterrole-", "validatingadmissionpolicy"] {
            for path in files("charts/sender-operator/files", prefix)? {
                apply(&admin, None, &read(&path)?).await?;
            }
        }
        let mut crds = Vec::new();
        for path in files("crds", "")? {
            let crd = read(&path)?;
            apply(&admin, None, &crd).await?;
            crds.push(crd);
        }
        for crd in &crds {
            await_served(&admin, crd).await?;
        }
        Ok(())
    }
}

/// Server-side apply of one object by its apiVersion and kind. `namespace` is for namespaced kinds.
pub async fn apply(client: &Client, namespace: Option<&str>, object: &Value) -> anyhow::Result<()> {
    let kind = object["kind"].as_str().unwrap_or_default();
    let (group, version) = match object["apiVersion"].as_str().unwrap_or_default().split_once('/') {
        Some((group, version)) => (group, version),
        None => ("", object["apiVersion"].as_str().unwrap_or_default()),
    };
    let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind));
    let api: Api<DynamicObject> = match namespace {
        Some(namespace) => Api::namespaced_with(client.clone(), namespace, &resource),
        None => Api::all_with(client.clone(), &resource),
    };
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    api.patch(name, &PatchParams::apply("harness").force(), &Patch::Apply(object))
        .await
        .with_context(|| format!("{kind} {name} could not be applied"))?;
    Ok(())
}

/// A CRD is usable when a list of its kind succeeds; its condition `Established` is true a moment earlier.
async fn await_served(client: &Client, crd: &Value) -> anyhow::Result<()> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let spec = &crd["spec"];
    let gvk = GroupVersionKind::gvk(
        &text(&spec["group"]),
        &text(&spec["versions"][0]["name"]),
        &text(&spec["names"]["kind"]),
    );
    let resource = ApiResource::from_gvk_with_plural(&gvk, &text(&spec["names"]["plural"]));
    let api: Api<DynamicObject> = Api::all_with(client.clone(), &resource);
    eventually(&format!("{} is served", gvk.kind), async || {
        api.list(&ListParams::default().limit(1)).await.map(drop).map_err(|error| error.to_string())
    })
    .await
}

/// The YAML files of a folder with this prefix, sorted. A missing folder has none.
fn files(folder: &str, prefix: &str) -> anyhow::Result<Vec<PathBuf>> {
    let Ok(entries) = fs::read_dir(workspace().join(folder)) else { return Ok(Vec::new()) };
    let mut paths: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<_>>()?;
    paths.retain(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(prefix) && path.extension().is_some_and(|extension| extension == "yaml")
    });
    paths.sort();
    Ok(paths)
}

fn read(path: &Path) -> anyhow::Result<Value> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    serde_saphyr::from_str(&text).with_context(|| path.display().to_string())
}
