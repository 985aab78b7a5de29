//! The HTTP side: one port for SES, STS, the control API, the page and the mailbox.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Router, middleware};

use crate::handle::Handle;
use crate::listener::{CuttableListener, Scissors};
use crate::wire::{self, AwsRequest, Reply};
use crate::{control, page};

/// Largest accepted request body. SES takes messages of 40 MB, and base64 adds a third (SES quotas page).
const LARGEST_BODY: usize = 56 << 20;

pub(crate) async fn serve(listener: tokio::net::TcpListener, handle: Handle) {
    let stop = handle.backend().stop.clone();
    let app = Router::new()
        .route("/", get(page::show).post(aws))
        .nest("/page", page::router())
        .nest("/mail", page::mailbox_router())
        .nest("/control", control::router())
        .fallback(aws)
        .layer(middleware::map_response(no_store))
        .with_state(handle)
        .into_make_service_with_connect_info::<Scissors>();
    let served = axum::serve(CuttableListener(listener), app).with_graceful_shutdown(stop.cancelled_owned()).await;
    if let Err(error) = served {
        tracing::error!(%error, "the HTTP server ended");
    }
}

async fn no_store(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Every request that is not for the control API or the page is an AWS request.
async fn aws(State(handle): State<Handle>, ConnectInfo(scissors): ConnectInfo<Scissors>, request: Request) -> Response {
    let Ok(request) = read(request).await else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
    let backend = Arc::clone(handle.backend());
    // In a separate task: if the caller disconnects early, AWS still completes the call.
    let work = tokio::spawn(async move {
        let stop = backend.stop.clone();
        tokio::select! {
            () = stop.cancelled() => Reply::Closed,
            reply = wire::answer(&backend, request) => reply,
        }
    });
    match work.await {
        Ok(Reply::Answer { status, error, content_type, body }) => {
            response(status, error.as_deref(), content_type, body)
        }
        Ok(Reply::Closed) | Err(_) => {
            scissors.cut();
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn read(request: Request) -> Result<AwsRequest, axum::Error> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, LARGEST_BODY).await?;
    Ok(AwsRequest {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        access_key: access_key(&parts.headers),
        body: body.to_vec(),
    })
}

/// The access key id in the signature's `Credential=AKID/date/region/service/aws4_request`. Nothing is verified.
fn access_key(headers: &HeaderMap) -> Option<String> {
    let signature = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (_, credential) = signature.split_once("Credential=")?;
    credential.split_once('/').map(|(key, _)| key.to_owned())
}

fn response(status: u16, error: Option<&str>, content_type: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert("x-amzn-requestid", HeaderValue::from_static("simulator"));
    if let Some(code) = error.and_then(|code| HeaderValue::from_str(code).ok()) {
        headers.insert("x-amzn-errortype", code);
    }
    response
}
