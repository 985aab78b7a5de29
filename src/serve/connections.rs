//! The HTTP server of the pages, with limits on connections, headers and time.
//!
//! `axum::serve` has no such limits, so this module drives hyper directly.

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

/// Limits of connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// Simultaneous connections; further ones wait to be accepted.
    pub connections: u16,
    /// Headers of a request.
    pub headers: usize,
    /// Bytes of a request line and its headers together; hyper requires at least 8,192.
    pub head: usize,
    /// Timeout for the head of a request.
    pub head_time: Duration,
    /// Longest life of a connection, including the transfer of its response.
    pub time: Duration,
    /// Time for running requests after the stop.
    pub grace: Duration,
}

impl Default for ConnectionLimits {
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

/// Serves until `stop`, then finishes running requests.
///
/// A connection serves one request. So none is idle, the age alone identifies a slow one, and no proxy sends a form
/// over a connection that is being closed.
pub async fn serve(mut listener: TcpListener, app: Router, limits: ConnectionLimits, stop: CancellationToken) {
    let slots = Arc::new(Semaphore::new(usize::from(limits.connections)));
    loop {
        let next = async {
            let slot = slots.clone().acquire_owned().await.ok()?;
            Some((Listener::accept(&mut listener).await, slot))
        };
        let Some(Some(((stream, peer), slot))) = stop.run_until_cancelled(next).await else { break };
        tokio::spawn(converse(stream, peer, app.clone(), limits, slot));
    }
    // All slots are free once no connection is left.
    let _ = tokio::time::timeout(limits.grace, slots.acquire_many(u32::from(limits.connections))).await;
}

async fn converse(
    stream: TcpStream,
    peer: SocketAddr,
    app: Router,
    limits: ConnectionLimits,
    _slot: OwnedSemaphorePermit,
) {
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
    // The client knows the result best.
    let _ = tokio::time::timeout(limits.time, connection).await;
}

#[cfg(test)]
#[path = "server_tests.rs"]
mod tests;
