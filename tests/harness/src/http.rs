//! One HTTP request, for the operator's health, metrics and pages and the simulator's control API.

use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Longer than any request that does not hang, and shorter than a wait, which can then report it.
const DEADLINE: Duration = Duration::from_mins(1);

pub(crate) struct HttpResponse {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl HttpResponse {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}

pub(crate) async fn get(address: SocketAddr, path: &str) -> io::Result<(u16, String)> {
    request("GET", address, path, "").await
}

pub(crate) async fn request(method: &str, address: SocketAddr, path: &str, body: &str) -> io::Result<(u16, String)> {
    let answer = exchange(method, address, path, &[], body).await?;
    Ok((answer.status, answer.body))
}

/// A request with these headers. HTTP/1.0: the body ends with the connection.
pub(crate) async fn exchange(
    method: &str,
    address: SocketAddr,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> io::Result<HttpResponse> {
    let headers = headers.iter().fold(String::new(), |all, (name, value)| all + name + ": " + value + "\r\n");
    let answer = timeout(DEADLINE, async {
        let mut stream = TcpStream::connect(address).await?;
        let length = body.len();
        let head = format!("{method} {path} HTTP/1.0\r\nHost: {address}\r\n{headers}Content-Length: {length}\r\n\r\n");
        stream.write_all((head + body).as_bytes()).await?;
        let mut text = String::new();
        stream.read_to_string(&mut text).await?;
        Ok::<_, io::Error>(text)
    });
    let text = answer.await.map_err(io::Error::from)??;
    let status = text.split(' ').nth(1).and_then(|code| code.parse().ok());
    match (status, text.split_once("\r\n\r\n")) {
        (Some(status), Some((head, body))) => Ok(HttpResponse { status, head: head.to_owned(), body: body.to_owned() }),
        _ => Err(io::Error::new(io::ErrorKind::InvalidData, format!("not an HTTP answer: {text:?}"))),
    }
}
