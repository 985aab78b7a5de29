//! Starting and stopping.

use std::any::Any;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::Arc;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio_util::sync::DropGuard;

use crate::backend::Backend;
use crate::checker;
use crate::handle::Handle;
use crate::http;
use crate::name_server;
use crate::options::Options;
use crate::scan::{self, ScanQueue};

/// A running simulator with all operations of [`Handle`]. Dropping it stops its servers and tasks.
pub struct Simulator {
    handle: Handle,
    http: SocketAddr,
    dns: SocketAddr,
    _servers: Box<dyn Any + Send + Sync>,
    _stop: DropGuard,
}

impl Simulator {
    /// Starts a simulator on the running Tokio runtime. It is ready when this returns.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(options.listen)
            .await
            .with_context(|| format!("HTTP cannot listen on {}", options.listen))?;
        let sockets = name_server::bind(options.dns).await?;
        let (http_addr, dns_addr) = (listener.local_addr()?, sockets.addr);

        let (scans, jobs) = ScanQueue::new();
        let backend = Arc::new(Backend::new(&options, scans));
        let stop = backend.stop.clone().drop_guard();
        let handle = Handle::new(Arc::clone(&backend));
        tokio::spawn(scan::run(Arc::clone(&backend), jobs));
        let servers = name_server::serve(sockets, Arc::clone(&backend));
        tokio::spawn(http::serve(listener, handle.clone()));
        tokio::spawn(async move { checker::run(&backend, options.check_interval).await });
        Ok(Self { handle, http: http_addr, dns: dns_addr, _servers: Box::new(servers), _stop: stop })
    }

    /// `http://127.0.0.1:PORT`: the endpoint of SES and STS, the base of the control API, and the page.
    pub fn url(&self) -> String {
        format!("http://{}", self.http)
    }

    pub fn dns(&self) -> SocketAddr {
        self.dns
    }

    /// A handle for tasks of the test.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }
}

impl Deref for Simulator {
    type Target = Handle;

    fn deref(&self) -> &Handle {
        &self.handle
    }
}
