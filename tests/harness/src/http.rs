//! One HTTP request, for the operator's health and metrics and the simulator's control API.

use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Status code and body of a GET.
pub(crate) async fn get(address: SocketAddr, path: &str) -> io::Result<(u16, String)> {
    request("GET", address, path, "").await
}

/// Status code and body. HTTP/1.0: the body ends with the connection.
pub(crate) async fn request(method: &str, address: SocketAddr, path: &str, body: &str) -> io::Result<(u16, String)> {
    let answer = timeout(Duration::from_secs(5), async {
        let mut stream = TcpStream::connect(address).await?;
        let length = body.len();
        let head = format!("{method} {path} HTTP/1.0\r\nHost: {address}\r\nContent-Length: {length}\r\n\r\n");
        stream.write_all((head + body).as_bytes()).await?;
        let mut text = String::new();
        stream.read_to_string(&mut text).await?;
        Ok::<_, io::Error>(text)
    });
    let text = answer.await.map_err(io::Error::from)??;
    let status = text.split(' ').nth(1).and_then(|code| code.parse().ok());
    match (status, text.split_once("\r\n\r\n")) {
        (Some(status), Some((_, body))) => Ok((status, body.to_owned())),
        _ => Err(io::Error::new(io::ErrorKind::InvalidData, format!("not an HTTP answer: {text:?}"))),
    }
}
