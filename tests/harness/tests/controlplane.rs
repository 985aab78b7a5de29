//! The control plane is real, several run in parallel, and nothing outlives the process that started it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper that fails fails its test")]

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use k8s_openapi::api::{
    authentication::v1::SelfSubjectReview,
    core::v1::{ConfigMap, ServiceAccount},
};
use kube::{
    Api, Client,
    api::{ListParams, PostParams},
};
use sender_operator_harness::{ControlPlane, Identity, controlplane::apply, eventually};
use serde_json::json;

fn config_map(name: &str) -> ConfigMap {
    serde_json::from_value(json!({ "metadata": { "name": name } })).unwrap()
}

async fn whoami(client: Client) -> String {
    let reviews: Api<SelfSubjectReview> = Api::all(client);
    let review = reviews.create(&PostParams::default(), &SelfSubjectReview::default()).await.unwrap();
    review.status.unwrap().user_info.unwrap().username.unwrap()
}

/// Running processes, without zombies.
fn alive(pids: &BTreeMap<String, u32>) -> Vec<String> {
    pids.iter().filter(|&(_, &pid)| lives(pid)).map(|(name, _)| name.clone()).collect()
}

fn lives(pid: u32) -> bool {
    // The state follows the program's name in parentheses; small images have no `ps`.
    let state = if cfg!(target_os = "linux") {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit(')').next().unwrap_or_default().trim().to_owned()
    } else {
        let ps = Command::new("ps").args(["-o", "stat=", "-p", &pid.to_string()]).output().unwrap();
        String::from_utf8(ps.stdout).unwrap().trim().to_owned()
    };
    !state.is_empty() && !state.starts_with('Z')
}

async fn await_end_of(pids: &BTreeMap<String, u32>, folder: Option<&PathBuf>) {
    eventually("everything gone", async || {
        let alive = alive(pids);
        let folder = folder.filter(|folder| folder.exists());
        if alive.is_empty() && folder.is_none() { Ok(()) } else { Err(format!("alive {alive:?}, folder {folder:?}")) }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn every_test_of_a_process_shares_one_control_plane() {
    let (first, second) = (ControlPlane::shared().unwrap(), ControlPlane::shared().unwrap());
    assert_eq!(first.facts().server, second.facts().server);
    assert_eq!(alive(&first.facts().pids), ["etcd", "kube-apiserver", "kube-controller-manager", "launcher"]);
}

#[tokio::test]
async fn an_impersonated_user_has_that_users_rights_only() {
    let cluster = ControlPlane::shared().unwrap();
    let admin = cluster.admin().await.unwrap();
    let jane = cluster.client(&Identity::user("jane", &["readers"])).await.unwrap();
    assert_eq!(whoami(jane.clone()).await, "jane");

    let names: Api<ConfigMap> = Api::namespaced(jane, "default");
    let refused = names.list(&ListParams::default()).await.unwrap_err();
    assert!(matches!(&refused, kube::Error::Api(status) if status.is_forbidden()), "{refused}");
    let binding = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": { "name": "readers" },
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view" },
        "subjects": [{ "apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "readers" }],
    });
    apply(&admin, Some("default"), &binding).await.unwrap();
    eventually("the group may list", async || {
        names.list(&ListParams::default()).await.map_err(|error| error.to_string())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_service_account_acts_by_its_own_token() {
    let cluster = ControlPlane::shared().unwrap();
    let accounts: Api<ServiceAccount> = Api::namespaced(cluster.admin().await.unwrap(), "default");
    let account = serde_json::from_value(json!({ "metadata": { "name": "robot" } })).unwrap();
    accounts.create(&PostParams::default(), &account).await.unwrap();
    let robot = Identity::Kubeconfig(cluster.service_account("default", "robot").await.unwrap());
    assert_eq!(whoami(cluster.client(&robot).await.unwrap()).await, "system:serviceaccount:default:robot");
}

#[tokio::test]
async fn kubectl_acts_as_the_given_identity() {
    let cluster = ControlPlane::shared().unwrap();
    let whoami = ["auth", "whoami", "-o", "jsonpath={.status.userInfo.username}"];
    let as_admin = cluster.kubectl(&whoami, &Identity::Admin).await.unwrap().success().unwrap();
    let as_joe = cluster.kubectl(&whoami, &Identity::user("joe", &[])).await.unwrap().success().unwrap();
    assert_eq!((as_admin.as_str(), as_joe.as_str()), ("administrator", "joe"));

    let yaml = "{apiVersion: v1, kind: ConfigMap, metadata: {name: typed}}";
    let apply = ["apply", "-f", "-"];
    let refused = cluster.kubectl_with_input(&apply, &Identity::user("joe", &[]), yaml).await.unwrap();
    assert!(!refused.ok && refused.stderr.contains("forbidden"), "{refused:?}");
    let done = cluster.kubectl_with_input(&apply, &Identity::Admin, yaml).await.unwrap().success().unwrap();
    assert_eq!(done, "configmap/typed created\n");
}

#[tokio::test]
async fn two_control_planes_are_independent_and_end_when_dropped() {
    let (one, two) = (ControlPlane::start().unwrap(), ControlPlane::start().unwrap());
    let maps = async |cluster: &ControlPlane| Api::<ConfigMap>::namespaced(cluster.admin().await.unwrap(), "default");
    maps(&one).await.create(&PostParams::default(), &config_map("here")).await.unwrap();
    assert!(maps(&two).await.get_opt("here").await.unwrap().is_none());

    let facts = one.facts().clone();
    drop(one);
    assert_eq!((alive(&facts.pids), facts.data_dir.exists()), (vec![], false));
    assert!(maps(&two).await.get_opt("here").await.unwrap().is_none(), "the other still answers");
}

#[tokio::test]
async fn the_api_server_can_be_cut_off_and_come_back_with_its_data() {
    let cluster = ControlPlane::start().unwrap();
    let maps: Api<ConfigMap> = Api::namespaced(cluster.admin().await.unwrap(), "default");
    maps.create(&PostParams::default(), &config_map("kept")).await.unwrap();

    let stopped = cluster.command("stop kube-apiserver").await.unwrap();
    assert!(!stopped.contains_key("kube-apiserver"), "{stopped:?}");
    assert!(maps.get_opt("kept").await.is_err());
    assert!(cluster.command("start everything").await.unwrap_err().to_string().contains("no program is called"));
    let started = cluster.command("start kube-apiserver").await.unwrap();
    assert_ne!(started["kube-apiserver"], cluster.facts().pids["kube-apiserver"]);
    assert!(maps.get_opt("kept").await.unwrap().is_some());
}

/// Not a test: the process that [`nothing_outlives_a_killed_process`] kills.
#[tokio::test]
#[ignore = "blocks until it is killed"]
async fn hold_a_control_plane() {
    let cluster = ControlPlane::start().unwrap();
    let facts = (&cluster.facts().pids, &cluster.facts().data_dir);
    writeln!(std::io::stderr(), "{}", serde_json::to_string(&facts).unwrap()).unwrap();
    let _ = std::io::stdin().read(&mut [0]);
}

fn spawn_holder() -> (Child, BTreeMap<String, u32>, PathBuf) {
    let mut holder = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "hold_a_control_plane", "--ignored", "--nocapture"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(holder.stderr.take().unwrap()).lines();
    let facts = lines.map(Result::unwrap).find_map(|line| serde_json::from_str(&line).ok());
    let (pids, folder): (BTreeMap<String, u32>, PathBuf) = facts.expect("the holder said where its control plane is");
    assert_eq!((alive(&pids).len(), folder.exists()), (4, true));
    (holder, pids, folder)
}

#[tokio::test]
async fn nothing_outlives_a_killed_process() {
    let (mut holder, pids, folder) = spawn_holder();
    holder.kill().unwrap();
    holder.wait().unwrap();
    await_end_of(&pids, Some(&folder)).await;
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn no_process_outlives_a_killed_launcher() {
    let cluster = ControlPlane::start().unwrap();
    let pids = cluster.facts().pids.clone();
    Command::new("kill").args(["-KILL", &pids["launcher"].to_string()]).status().unwrap();
    await_end_of(&pids, None).await;
    // The killed launcher could not remove it. Without this, a later launcher would, a minute later.
    std::fs::remove_dir_all(&cluster.facts().data_dir).unwrap();
}
