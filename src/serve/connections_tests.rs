use std::time::Instant;

use axum::routing::{get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

const LIMITS: ConnectionLimits = ConnectionLimits {
    connections: 2,
    per_client: 10,
    client: Client::Network,
    headers: 20,
    head: 8192,
    head_time: Duration::from_millis(300),
    time: Duration::from_millis(1500),
    grace: Duration::from_secs(5),
};

struct Served {
    address: SocketAddr,
    stop: CancellationToken,
    done: tokio::task::JoinHandle<()>,
}

async fn start(app: Router) -> Served {
    start_with(app, LIMITS).await
}

async fn start_with(app: Router, limits: ConnectionLimits) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
    let done = tokio::spawn(serve(listener, app, limits, stop.clone()));
    Served { address, stop, done }
}

fn app() -> Router {
    let peer = |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.ip().to_string() };
    let echo = |body: String| async move { body };
    Router::new().route("/", get(peer)).route("/echo", post(echo))
}

/// Reads until the connection is closed, at most 20 seconds.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut bytes));
    let _ = read.await.expect("the server closes the connection");
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn ask(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    rest(&mut stream).await
}

#[tokio::test]
async fn a_connection_serves_one_request_and_knows_its_peer() {
    let served = start(app()).await;
    let answer = ask(served.address, "GET / HTTP/1.1\r\nhost: x\r\n\r\nGET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert_eq!(answer.matches("200 OK").count(), 1, "{answer}");
    assert!(answer.ends_with("127.0.0.1") && answer.contains("connection: close"), "{answer}");
}

#[tokio::test]
async fn a_head_that_is_too_long_or_has_too_many_fields_is_refused() {
    let served = start(app()).await;
    let fields = (0..30).fold(String::new(), |all, n| format!("{all}x-{n}: y\r\n"));
    for head in [fields, format!("x: {}\r\n", "y".repeat(10_000))] {
        let answer = ask(served.address, &format!("GET / HTTP/1.1\r\nhost: x\r\n{head}\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    }
}

#[tokio::test]
async fn who_sends_slowly_is_cut_off() {
    let limits = ConnectionLimits { time: Duration::from_secs(4), ..LIMITS };
    let served = start_with(app(), limits).await;
    for (case, begin, shortest, longest) in [
        ("nothing", "", limits.head_time, limits.time),
        ("half a head", "GET / HTTP/1.1\r\nhost:", limits.head_time, limits.time),
        (
            "half a body",
            "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nhalf",
            limits.time,
            limits.time * 3,
        ),
    ] {
        let begun = Instant::now();
        let answer = ask(served.address, begin).await;
        assert!(!answer.contains("200"), "{case}: {answer}");
        let took = begun.elapsed();
        assert!(took >= shortest.mul_f64(0.9) && took < longest.mul_f64(0.9), "{case}: {took:?}");
    }
}

#[tokio::test]
async fn only_so_many_are_served_at_the_same_time_and_others_wait() {
    let served = start(app()).await;
    let begin = "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n";
    let mut busy = Vec::new();
    for _ in 0..LIMITS.connections {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        stream.write_all(begin.as_bytes()).await.unwrap();
        busy.push(stream);
    }
    let waiting = tokio::spawn(ask(served.address, "GET / HTTP/1.1\r\nhost: x\r\n\r\n"));
    // It is served only after another one ends: here when the first is cut off for its slowness.
    let asked = Instant::now();
    let answer = waiting.await.unwrap();
    assert!(answer.contains("200 OK"), "{answer}");
    assert!(asked.elapsed() >= LIMITS.time.mul_f64(0.8), "{:?}", asked.elapsed());
}

#[tokio::test]
async fn a_stop_lets_requests_that_run_finish_and_takes_no_more() {
    let entered = Arc::new(Semaphore::new(0));
    let leave = Arc::new(Semaphore::new(0));
    let slow = {
        let (entered, leave) = (entered.clone(), leave.clone());
        move || async move {
            entered.add_permits(1);
            let _ = leave.acquire().await;
            "done"
        }
    };
    let served = start(Router::new().route("/", get(slow))).await;
    let running = tokio::spawn(ask(served.address, "GET / HTTP/1.1\r\nhost: x\r\n\r\n"));
    let _ = entered.acquire().await;
    served.stop.cancel();
    leave.add_permits(1);
    assert!(running.await.unwrap().ends_with("done"));
    tokio::time::timeout(Duration::from_secs(5), served.done).await.unwrap().unwrap();
    assert!(TcpStream::connect(served.address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_client_with_too_many_connections_delays_no_other_client() {
    let limits = ConnectionLimits { connections: 3, per_client: 2, head_time: Duration::from_secs(15), ..LIMITS };
    let served = start_with(app(), ConnectionLimits { time: Duration::from_secs(15), ..limits }).await;
    let mut idle =
        vec![TcpStream::connect(served.address).await.unwrap(), TcpStream::connect(served.address).await.unwrap()];
    let begun = Instant::now();
    let mut third = TcpStream::connect(served.address).await.unwrap();
    assert_eq!(rest(&mut third).await, "", "it is closed");
    assert!(begun.elapsed() < limits.head_time / 2, "it is closed at once");
    let other = tokio::net::TcpSocket::new_v4().unwrap();
    other.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let begun = Instant::now();
    let mut other = other.connect(served.address).await.unwrap();
    other.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    assert!(rest(&mut other).await.ends_with("127.0.0.2") && begun.elapsed() < Duration::from_secs(5));
    // A connection that ends makes room for another one.
    drop(idle.pop());
    let room = async {
        while !ask(served.address, "GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.contains("200 OK") {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), room).await.unwrap();
}
