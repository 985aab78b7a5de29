//! Shared by the tests: a simulator, the real AWS clients, a resolver, and waiting for conditions.

use std::fmt::Debug;
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_credential_types::Credentials;
use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::config::Region;
use aws_sdk_sesv2::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sesv2::operation::get_email_identity::GetEmailIdentityOutput;
use aws_sdk_sesv2::operation::send_email::builders::SendEmailFluentBuilder;
use aws_sdk_sesv2::types::builders::DestinationBuilder;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message, Tag};
use ses_simulator::{Options, Simulator};

pub(crate) const HOUR: Duration = Duration::from_hours(1);
/// Longer than any wait that does not hang, even on a slow machine.
pub(crate) const HANG: Duration = Duration::from_mins(2);

/// No throttling, and frequent DNS checks.
pub(crate) fn quick() -> Options {
    Options { rate: None, check_interval: Duration::from_millis(20), ..Options::default() }
}

/// No throttling, and DNS checks only when the test advances the clock.
pub(crate) fn by_hand() -> Options {
    Options { rate: None, check_interval: HOUR, ..Options::default() }
}

/// A simulator and the real SES client for it.
pub(crate) async fn start(options: Options) -> (Simulator, Client) {
    let sim = Simulator::start(options).await.unwrap();
    let client = client(&sim).await;
    (sim, client)
}

/// The real SDK without retries.
pub(crate) async fn config(sim: &Simulator) -> aws_config::SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .endpoint_url(sim.url())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new("AKIDTEST", "secret", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::builder().operation_timeout(HANG).build())
        .load()
        .await
}

pub(crate) async fn client(sim: &Simulator) -> Client {
    Client::new(&config(sim).await)
}

/// Waits until the condition holds; fails if that hangs.
pub(crate) async fn eventually<F: AsyncFnMut() -> bool>(what: &str, mut condition: F) {
    let holds = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(HANG, holds).await.unwrap_or_else(|_| panic!("never: {what}"));
}

/// `status code message` of an error answer.
pub(crate) fn refusal<T: Debug, E: ProvideErrorMetadata + Debug>(
    result: Result<T, SdkError<E, aws_sdk_sesv2::config::http::HttpResponse>>,
) -> String {
    match result {
        Err(SdkError::ServiceError(error)) => {
            let status = error.raw().status().as_u16();
            let error = error.err();
            format!("{status} {} {}", error.code().unwrap_or("-"), error.message().unwrap_or("-"))
        }
        other => panic!("not an error answer: {other:?}"),
    }
}

pub(crate) async fn create(client: &Client, name: &str) {
    client.create_email_identity().email_identity(name).send().await.unwrap();
}

pub(crate) async fn create_tenant(client: &Client, name: &str) {
    client.create_tenant().tenant_name(name).send().await.unwrap();
}

pub(crate) fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build().unwrap()
}

pub(crate) async fn get(client: &Client, name: &str) -> GetEmailIdentityOutput {
    client.get_email_identity().email_identity(name).send().await.unwrap()
}

/// `verification dkim verified-for-sending` as in Get.
pub(crate) async fn states(client: &Client, name: &str) -> String {
    let got = get(client, name).await;
    let dkim = got.dkim_attributes.unwrap().status.unwrap();
    format!("{} {dkim} {}", got.verification_status.unwrap(), got.verified_for_sending_status)
}

/// A resolver that uses the simulator as its server.
pub(crate) fn resolver(sim: &Simulator, tcp: bool) -> hickory_resolver::TokioResolver {
    use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
    let mut connection = if tcp { ConnectionConfig::tcp() } else { ConnectionConfig::udp() };
    connection.port = sim.dns().port();
    let config = ResolverConfig::from_name_servers(vec![NameServerConfig::new(sim.dns().ip(), true, vec![connection])]);
    let provider = hickory_resolver::net::runtime::TokioRuntimeProvider::default();
    let mut builder = hickory_resolver::Resolver::builder_with_config(config, provider);
    builder.options_mut().timeout = Duration::from_secs(1);
    builder.options_mut().attempts = 0;
    builder.options_mut().cache_size = 0;
    builder.options_mut().case_randomization = true;
    builder.build().unwrap()
}

/// Sends one request without any library and returns status and body.
pub(crate) async fn http(url: &str, method: &str, path: &str, body: &str) -> (u16, String) {
    let (head, body) = exchange(url, method, path, "", body).await;
    (status(&head), body)
}

/// Posts a form as a browser does and returns the status.
pub(crate) async fn post_form(url: &str, path: &str, fields: &str) -> u16 {
    let (head, _) = exchange(url, "POST", path, "Content-Type: application/x-www-form-urlencoded\r\n", fields).await;
    status(&head)
}

fn status(head: &str) -> u16 {
    head.split(' ').nth(1).unwrap().parse().unwrap()
}

/// Header and body of the answer to a request with these header lines, each of which ends in CRLF.
pub(crate) async fn exchange(url: &str, method: &str, path: &str, headers: &str, body: &str) -> (String, String) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let host = url.strip_prefix("http://").unwrap();
    let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
    let length = format!("Content-Length: {}", body.len());
    let head = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}{length}\r\n\r\n");
    stream.write_all((head + body).as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

/// Text of a mail in UTF-8.
pub(crate) fn content(data: &str) -> Content {
    Content::builder().data(data).charset("UTF-8").build().unwrap()
}

/// The two bodies of a mail.
pub(crate) fn simple(text: Option<&str>, html: Option<&str>) -> Body {
    Body::builder().set_text(text.map(content)).set_html(html.map(content)).build()
}

/// A mail to these addresses, to be completed.
pub(crate) fn to(addresses: &[&str]) -> DestinationBuilder {
    let addresses = addresses.iter().map(|&address| address.to_owned()).collect();
    Destination::builder().set_to_addresses(Some(addresses))
}

/// A small mail, ready to be sent.
pub(crate) fn mail(client: &Client, from: &str, recipients: &[&str]) -> SendEmailFluentBuilder {
    letter(client, from, recipients, Some("Some text"), None)
}

/// A mail with these bodies, ready to be sent.
pub(crate) fn letter(
    client: &Client,
    from: &str,
    recipients: &[&str],
    text: Option<&str>,
    html: Option<&str>,
) -> SendEmailFluentBuilder {
    let message = Message::builder().subject(content("Hello")).body(simple(text, html)).build();
    let content = EmailContent::builder().simple(message).build();
    client.send_email().from_email_address(from).destination(to(recipients).build()).content(content)
}

/// Sends a small mail and returns its id.
pub(crate) async fn send(client: &Client, from: &str, recipients: &[&str]) -> String {
    mail(client, from, recipients).send().await.unwrap().message_id.unwrap()
}
