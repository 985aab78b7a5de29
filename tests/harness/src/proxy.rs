//! A proxy before the API server that can misbehave like networks and overloaded servers do.
//!
//! It uses plain HTTP towards the operator, so that it can respond itself. Towards the API server it uses TLS without a
//! client certificate, so the token in each request identifies the operator.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use anyhow::Context;
use kube::{
    Config,
    client::ConfigExt,
    config::{AuthInfo, KubeConfigOptions, Kubeconfig},
};
use rustls::pki_types::ServerName;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};
use tokio_rustls::TlsConnector;

use crate::ControlPlane;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Forwards everything.
    Honest,
    /// Cuts open connections and answers every request with this HTTP status, a plain text and `Retry-After: 300`.
    Refusing(u16),
    /// A black hole: accepts connections and bytes, and never responds. A connection that is open or made in this mood
    /// stays dead, even after a change of mood.
    Swallowing,
}

/// A running proxy; dropping it cuts all connections.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    mood: watch::Sender<Mood>,
    task: JoinHandle<()>,
}

#[derive(Clone)]
struct Upstream {
    tls: TlsConnector,
    host: String,
    port: u16,
}

impl Proxy {
    /// Starts a proxy before this control plane, honest at first.
    pub async fn start(cluster: &ControlPlane) -> anyhow::Result<Self> {
        let upstream = Upstream::of(cluster).await?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (mood, moods) = watch::channel(Mood::Honest);
        let task = tokio::spawn(async move {
            // Connections end with the proxy.
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((near, _)) = listener.accept().await {
                connections.spawn(serve(near, upstream.clone(), moods.clone()));
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Self { address, mood, task })
    }

    /// Changes its behavior, also for open connections.
    pub fn set(&self, mood: Mood) {
        self.mood.send_replace(mood);
    }

    /// A copy of this kubeconfig, in the same folder, for the proxy.
    pub fn kubeconfig(&self, path: &std::path::Path) -> anyhow::Result<PathBuf> {
        let mut config: Value = serde_json::from_slice(&std::fs::read(path)?)?;
        config["clusters"][0]["cluster"] = json!({ "server": format!("http://{}", self.address) });
        let copy = path.with_extension(format!("by-{}.kubeconfig", self.address.port()));
        std::fs::write(&copy, serde_json::to_vec_pretty(&config)?)?;
        Ok(copy)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Upstream {
    async fn of(cluster: &ControlPlane) -> anyhow::Result<Self> {
        let kubeconfig = Kubeconfig::read_from(&cluster.facts().kubeconfig)?;
        let mut config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?;
        // With the administrator's certificate, all users behind the proxy would be the administrator.
        config.auth_info = AuthInfo::default();
        let host = config.cluster_url.host().context("the API server's URL has no host")?.to_owned();
        let port = config.cluster_url.port_u16().unwrap_or(443);
        Ok(Self { tls: TlsConnector::from(Arc::new(config.rustls_client_config()?)), host, port })
    }

    async fn relay(&self, near: &mut TcpStream) -> anyhow::Result<()> {
        let far = TcpStream::connect((self.host.as_str(), self.port)).await?;
        let mut far = self.tls.connect(ServerName::try_from(self.host.clone())?, far).await?;
        copy_bidirectional(near, &mut far).await?;
        Ok(())
    }
}

async fn serve(mut near: TcpStream, upstream: Upstream, mut moods: watch::Receiver<Mood>) {
    let born_in = *moods.borrow_and_update();
    if born_in == Mood::Honest {
        tokio::select! {
            _ = upstream.relay(&mut near) => return,
            changed = moods.changed() => if changed.is_err() { return },
        }
        if matches!(*moods.borrow(), Mood::Refusing(_)) {
            return;
        }
    }
    if let Mood::Refusing(status) = born_in {
        let _ = refuse(&mut near, status).await;
    }
    // Until the other side closes the connection.
    let _ = tokio::io::copy(&mut near, &mut tokio::io::sink()).await;
}

/// Answers the one request of a connection.
async fn refuse(near: &mut TcpStream, status: u16) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if near.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    }
    let body = "refused by the proxy\n";
    let head = format!(
        "HTTP/1.1 {status} Refused\r\nRetry-After: 300\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        body.len()
    );
    near.write_all((head + body).as_bytes()).await?;
    near.shutdown().await
}
