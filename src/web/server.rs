//! The HTTP server of the pages: few connections, small heads, and not much time.
//!
//! `axum::serve` knows no such limits, so hyper is asked itself.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo, http::Request, serve::Listener};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// What a connection may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at the same time; more wait to be accepted.
    pub connections: u16,
    /// Headers of a request.
    pub headers: usize,
    /// Bytes of a request line and its headers together; hyper wants 8,192 at least.
    pub head: usize,
    /// How long the head of a request may take.
    pub head_time: Duration,
    /// How long a connection may last, until its answer is taken.
    pub time: Duration,
    /// How long requests that run may go on after the stop.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 512,
            headers: 64,
            head: 16 * 1024,
            head_time: Duration::from_secs(10),
            time: Duration::from_secs(45),
            grace: Duration::from_secs(8),
        }
    }
}

/// Serves until `stop`; requests that run are finished.
///
/// A connection serves one request. So none lies idle, a slow one is told by its time alone, and no proxy sends a form over
/// one that is being closed.
pub async fn serve(mut listener: TcpListener, app: Router, limits: Limits, stop: CancellationToken) {
    let slots = Arc::new(Semaphore::new(usize::from(limits.connections)));
    loop {
        let next = async {
            let slot = slots.clone().acquire_owned().await.ok()?;
            Some((Listener::accept(&mut listener).await, slot))
        };
        let Some(Some(((stream, peer), slot))) = stop.run_until_cancelled(next).await else { break };
        tokio::spawn(converse(stream, peer, app.clone(), limits, slot));
    }
    // All slots are free when no connection is left.
    let _ = tokio::time::timeout(limits.grace, slots.acquire_many(u32::from(limits.connections))).await;
}

async fn converse(stream: TcpStream, peer: SocketAddr, app: Router, limits: Limits, _slot: OwnedSemaphorePermit) {
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        app.clone().oneshot(request.map(Body::new))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .keep_alive(false)
        .header_read_timeout(limits.head_time)
        .max_headers(limits.headers)
        .max_buf_size(limits.head.max(8192))
        .serve_connection(TokioIo::new(stream), service);
    // How it ended, whoever is at the other end knows best.
    let _ = tokio::time::timeout(limits.time, connection).await;
}

#[cfg(test)]
#[path = "server_tests.rs"]
mod tests;
