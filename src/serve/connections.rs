//! HTTP with limits on connections, headers and time, for the pages and for the probes.
//!
//! `axum::serve` has no such limits, so this module drives hyper directly.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

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
    /// Simultaneous connections of one client; further ones are closed.
    pub per_client: u16,
    /// What counts as one client.
    pub client: Client,
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
            per_client: 64,
            client: Client::Network,
            headers: 64,
            head: 16 * 1024,
            head_time: Duration::from_secs(10),
            time: Duration::from_secs(45),
            grace: Duration::from_secs(8),
        }
    }
}

impl ConnectionLimits {
    /// The limits of probes and metrics: few clients, small answers. Nodes and pods may share a network, so each
    /// address counts on its own.
    pub const PROBES: Self = Self {
        connections: 1024,
        per_client: 16,
        client: Client::Address,
        headers: 64,
        head: 16 * 1024,
        head_time: Duration::from_secs(3),
        time: Duration::from_secs(10),
        grace: Duration::from_secs(2),
    };
}

/// What counts as one client of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    /// Each address.
    Address,
    /// Each [`network`].
    Network,
}

/// The unit that counts as one client: an IPv4 address, or the /64 of an IPv6 address, a subscriber's usual network
/// (RFC 6177).
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        address @ IpAddr::V4(_) => address,
    }
}

/// The open connections of each client.
#[derive(Clone, Default)]
struct Peers(Arc<Mutex<HashMap<IpAddr, u16>>>);

/// One open connection, until dropped.
struct Counted(Peers, IpAddr);

impl Peers {
    /// `None`: this client has as many connections as are allowed.
    fn open(&self, peer: IpAddr, limits: &ConnectionLimits) -> Option<Counted> {
        let client = match limits.client {
            Client::Address => peer.to_canonical(),
            Client::Network => network(peer),
        };
        // Nothing panics while it is held.
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(client).or_default();
        if *count >= limits.per_client {
            return None;
        }
        *count += 1;
        Some(Counted(self.clone(), client))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut counts = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.1) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.1);
            }
        }
    }
}

/// Serves until `stop`, then finishes running requests.
///
/// A connection serves one request. So none is idle, the age alone identifies a slow one, and no proxy sends a form
/// over a connection that is being closed.
pub async fn serve(mut listener: TcpListener, app: Router, limits: ConnectionLimits, stop: CancellationToken) {
    let slots = Arc::new(Semaphore::new(usize::from(limits.connections)));
    let peers = Peers::default();
    loop {
        let next = async {
            let slot = slots.clone().acquire_owned().await.ok()?;
            Some((Listener::accept(&mut listener).await, slot))
        };
        let Some(Some(((stream, peer), slot))) = stop.run_until_cancelled(next).await else { break };
        // A connection beyond the limit is closed at once, so one client cannot use up the common limit.
        let Some(counted) = peers.open(peer.ip(), &limits) else { continue };
        tokio::spawn(converse(stream, peer, app.clone(), limits, (slot, counted)));
    }
    // All slots are free once no connection is left.
    let _ = tokio::time::timeout(limits.grace, slots.acquire_many(u32::from(limits.connections))).await;
}

async fn converse(
    stream: TcpStream,
    peer: SocketAddr,
    app: Router,
    limits: ConnectionLimits,
    _open: (OwnedSemaphorePermit, Counted),
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
#[path = "connections_tests.rs"]
mod tests;
