//! The HTTP server of probes and metrics.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    http::{HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::timeout::TimeoutLayer;

use super::{
    connections::{self, ConnectionLimits},
    health::Health,
    metrics::Metrics,
};

const TIMEOUT: Duration = Duration::from_secs(5);

/// Refreshes what is only counted when somebody asks.
pub type Refresh = Arc<dyn Fn(&Metrics) + Send + Sync>;

/// The port can't be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {source}")]
pub struct ListenError {
    address: SocketAddr,
    source: std::io::Error,
}

/// Opens the port.
pub async fn listen(address: SocketAddr) -> Result<TcpListener, ListenError> {
    TcpListener::bind(address).await.map_err(|source| ListenError { address, source })
}

/// Serves `/livez`, `/readyz` and `/metrics` until `stop`.
pub async fn serve(listener: TcpListener, health: Health, metrics: Metrics, refresh: Refresh, stop: CancellationToken) {
    let app = Router::new()
        .route(
            "/livez",
            get({
                let health = health.clone();
                move || async move { answer(&health.stuck(), &[]) }
            }),
        )
        .route("/readyz", get(move || async move { answer(&health.waits_for(), &health.notes()) }))
        .route("/metrics", get(move || async move { render(&metrics, &refresh) }))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIMEOUT));
    connections::serve(listener, app, ConnectionLimits::PROBES, stop).await;
}

/// 200, or 503 with what is wrong; with what is to be noted besides.
fn answer(wrong: &[String], notes: &[String]) -> Response {
    let (status, first) = match wrong {
        [] => (StatusCode::OK, "ok".to_owned()),
        wrong => (StatusCode::SERVICE_UNAVAILABLE, wrong.join("\n")),
    };
    let lines: Vec<&str> = std::iter::once(first.as_str()).chain(notes.iter().map(String::as_str)).collect();
    (status, lines.join("\n") + "\n").into_response()
}

fn render(metrics: &Metrics, refresh: &Refresh) -> Response {
    refresh(metrics);
    match metrics.render() {
        Ok(text) => {
            let kind = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
            ([(CONTENT_TYPE, kind)], text).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
