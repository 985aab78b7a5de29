//! The DNS server: sockets, and the step from a question to the zone's answer.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use hickory_proto::op::{Edns, Header, HeaderCounts, Metadata, OpCode, ResponseCode};
use hickory_proto::rr::Record;
use hickory_server::Server;
use hickory_server::net::runtime::Time;
use hickory_server::server::{Request, RequestHandler, ResponseHandler, ResponseInfo};
use hickory_server::zone_handler::MessageResponseBuilder;
use tokio::net::{TcpListener, UdpSocket};

use crate::backend::Backend;
use crate::core::dns::DnsReply;

/// Largest UDP answer (the value of DNS flag day 2020).
const UDP_PAYLOAD: u16 = 1232;
/// Timeout of an idle TCP connection.
const TCP_IDLE: Duration = Duration::from_secs(10);

/// Sockets for UDP and TCP on one port.
pub(crate) struct Sockets {
    udp: UdpSocket,
    tcp: TcpListener,
    pub(crate) addr: SocketAddr,
}

/// Binds both. With port 0, the kernel's choice for UDP may be taken for TCP, so several choices are tried.
pub(crate) async fn bind(addr: SocketAddr) -> anyhow::Result<Sockets> {
    let mut attempts = if addr.port() == 0 { 20 } else { 1 };
    loop {
        attempts -= 1;
        let udp = UdpSocket::bind(addr).await.with_context(|| format!("DNS cannot listen on {addr} (UDP)"))?;
        let chosen = udp.local_addr()?;
        match TcpListener::bind(chosen).await {
            Ok(tcp) => return Ok(Sockets { udp, tcp, addr: chosen }),
            Err(_) if attempts > 0 => {}
            Err(error) => return Err(error).with_context(|| format!("DNS cannot listen on {chosen} (TCP)")),
        }
    }
}

/// Serves the simulated zone. The server stops when the value is dropped.
pub(crate) fn serve(sockets: Sockets, backend: Arc<Backend>) -> Server<impl RequestHandler> {
    let mut server = Server::new(Handler { backend });
    server.register_socket(sockets.udp);
    server.register_listener(sockets.tcp, TCP_IDLE, 64);
    server
}

struct Handler {
    backend: Arc<Backend>,
}

impl Handler {
    fn answer(&self, request: &Request) -> Option<DnsReply> {
        let refuse = |code| Some(DnsReply { code, records: Vec::new(), soa: None });
        if request.metadata.op_code != OpCode::Query {
            return refuse(ResponseCode::NotImp);
        }
        let Ok(info) = request.request_info() else { return refuse(ResponseCode::FormErr) };
        let question = info.query.original();
        let answer = self.backend.zone().answer(question.name(), question.query_type());
        let name = question.name().to_ascii().trim_end_matches('.').to_ascii_lowercase();
        let code = answer.as_ref().map(|answer| answer.code);
        self.backend.note_dns(name, question.query_type().to_string(), code);
        answer
    }
}

#[async_trait::async_trait]
impl RequestHandler for Handler {
    async fn handle_request<R: ResponseHandler, T: Time>(&self, request: &Request, mut handle: R) -> ResponseInfo {
        let mut metadata = Metadata::response_from_request(&request.metadata);
        metadata.authoritative = true;
        let silent = ResponseInfo::from(Header { metadata, counts: HeaderCounts::default() });
        let Some(answer) = self.answer(request) else { return silent };
        metadata.response_code = answer.code;
        let edns = request.edns.as_ref().map(|asked| {
            let mut edns = Edns::new();
            edns.set_max_payload(asked.max_payload().clamp(512, UDP_PAYLOAD));
            edns
        });
        let none: [&Record; 0] = [];
        let response = MessageResponseBuilder::new(&request.queries, edns.as_ref()).build(
            metadata,
            &answer.records,
            none,
            answer.soa.as_ref(),
            none,
        );
        handle.send_response(response).await.unwrap_or_else(|error| {
            tracing::debug!(%error, "a DNS answer could not be sent");
            silent
        })
    }
}
