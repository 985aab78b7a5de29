//! The operator process: startup in the order of the readiness gates, then the controllers, then a clean shutdown.

use std::{
    future::Future,
    process::ExitCode,
    sync::Arc,
    time::{Duration, SystemTime},
};

use clap::Parser;
use kube::Client;
use sender_operator::{
    api::{GROUP, SenderAddress, SenderDomain, VERSION},
    clock::{Clock, SystemClock},
    cluster::{
        kube_store::KubeStore,
        leadership::{Election, KubeLease, Leadership, Times},
        operator_secret::{self, Keys},
        probe,
        sink::Sink,
        watch,
    },
    controller::{Controller, Ports},
    dns::resolver::Resolvers,
    model::{backoff, link::LinkKeys},
    serve::{
        connections::{self, ConnectionLimits},
        health::{Health, Heartbeat},
        metrics::Metrics,
        server::{self, Refresh},
        telemetry,
    },
    ses::{Caller, Ses, adapter::AwsSes, call_budget::ProcessCallBudget},
    settings::Settings,
    web::{self, Site, cluster_page_store::ClusterPageStore},
};
use tokio::{
    signal::unix::{SignalKind, signal},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

/// Time that running reconciles get to finish after SIGTERM.
const GRACE: Duration = Duration::from_secs(8);
/// Timeout for a connection to the API server, TLS included.
const CONNECT: Duration = Duration::from_secs(10);
/// The API server starts to answer within this time; otherwise the connection is considered dead.
const ANSWER: Duration = Duration::from_secs(10);
/// Longest wait between two attempts of a startup step.
const START_PAUSE: Duration = Duration::from_secs(10);

type AnyError = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    let settings = Settings::parse();
    if let Err(error) = Box::pin(start(settings)).await {
        tracing::error!(%error, "the operator cannot run");
        // The log filter may hide errors, and logging itself may have failed.
        let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("sender-operator: {error}\n").as_bytes());
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

async fn start(settings: Settings) -> Result<(), AnyError> {
    settings.check()?;
    settings.rights.policy()?;
    settings.mail.templates()?;
    settings.mail.web(&settings.environment)?;
    telemetry::start(settings.log_format, &settings.log)?;
    rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .map_err(|_| "a TLS provider was installed twice")?;
    let stop = CancellationToken::new();
    stop_on_signals(&stop)?;
    let client = connect(ANSWER).await?;
    let (health, metrics) = (Health::default(), Metrics::default());
    metrics.started(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs_f64());
    let listener = server::listen(settings.listen).await?;
    tracing::info!(address = %listener.local_addr()?, version = env!("CARGO_PKG_VERSION"), "serving probes and metrics");
    let index: Arc<std::sync::OnceLock<Arc<Controller>>> = Arc::default();
    let refresh: Refresh = Arc::new({
        let index = index.clone();
        move |metrics| {
            if let Some(controller) = index.get() {
                controller.measure(metrics);
            }
        }
    });
    let server = server::serve(listener, health.clone(), metrics.clone(), refresh, stop.clone());
    let server = tokio::spawn(server);
    Box::pin(operate(&settings, client, &health, metrics, index, &stop)).await?;
    stop.cancel();
    server.await?;
    tracing::info!("stopped");
    Ok(())
}

/// Passes the readiness gates unless stopped, then runs the controllers until `stop` and finishes running reconciles.
async fn operate(
    settings: &Settings,
    client: Client,
    health: &Health,
    metrics: Metrics,
    index: Arc<std::sync::OnceLock<Arc<Controller>>>,
    stop: &CancellationToken,
) -> Result<(), AnyError> {
    let ses = AwsSes::from_environment(settings.ses_timeout).await?;
    let gates = pass_gates(settings, &client, &ses, health);
    let Some((keys, caller)) = stop.run_until_cancelled(gates).await else { return Ok(()) };
    tracing::info!(
        account = caller.account,
        region = caller.region,
        owner_id = keys.owner_id,
        dry_run = settings.dry_run,
        "AWS confirmed the credentials"
    );
    let links = keys.links.clone();
    let config = settings.config(keys, caller)?;
    let instance = format!("sender-operator-{}", settings.environment);
    let ports = Ports {
        store: Arc::new(KubeStore::new(client.clone(), settings.scope(), instance.clone())),
        ses: Arc::new(ses),
        budget: Arc::new(ProcessCallBudget::new(settings.ses_rate)),
        sends: Arc::new(ProcessCallBudget::new(settings.mail.mail_rate)),
        dns: Arc::new(Resolvers::new(&settings.dns_resolvers)?),
        clock: Arc::new(SystemClock),
        leadership: Leadership::default(),
    };
    // Pages have their own connections: a flood of visitors delays neither reconciles nor the lease.
    let page_store = KubeStore::new(connect(ANSWER).await?, settings.scope(), instance);
    let pages = pages(settings, links, page_store, ports.clock.clone(), &metrics, stop).await?;
    let election = election(settings, &ports.leadership, health).await?;
    let controller = Controller::new(config, ports, health.clone(), metrics);
    let _ = index.set(controller.clone());
    let watching = connect(watch::SILENCE).await?;
    Box::pin(control(&controller, &election, client, watching, settings, stop)).await;
    if let Some(pages) = pages {
        pages.await?;
    }
    Ok(())
}

/// Serves the confirmation pages on every replica, leader or not. `None`: no public URL is configured.
async fn pages(
    settings: &Settings,
    keys: LinkKeys,
    store: KubeStore,
    clock: Arc<dyn Clock>,
    metrics: &Metrics,
    stop: &CancellationToken,
) -> Result<Option<JoinHandle<()>>, AnyError> {
    let Some(web) = settings.mail.web(&settings.environment)? else { return Ok(None) };
    let store = Arc::new(ClusterPageStore::new(Arc::new(store)));
    let counted = metrics.clone();
    let tell: web::Listener =
        Arc::new(move |event| counted.confirmation_page(event.action.as_str(), event.outcome.as_str()));
    let site = Site::new(web, keys, store, clock, tell)?;
    let listener = server::listen(settings.mail.web_listen).await?;
    tracing::info!(address = %listener.local_addr()?, "serving the pages for mailbox owners");
    let mut limits = ConnectionLimits::default();
    if settings.mail.trusted_proxies > 0 {
        // All visitors come from a few proxies. No other pod can use up all connections.
        limits.per_client = limits.connections / 2;
    }
    let serving = connections::serve(listener, web::router(site), limits, stop.clone());
    Ok(Some(tokio::spawn(serving)))
}

/// Waits for everything that the operator needs before it can work.
async fn pass_gates(settings: &Settings, client: &Client, ses: &AwsSes, health: &Health) -> (Keys, Caller) {
    until_done(health, "crds", || crds_served(client)).await;
    let (namespace, secret, owner_id) = (&settings.namespace, &settings.secret, settings.owner_id.as_deref());
    let keys =
        until_done(health, "keys", || operator_secret::load_or_create(client.clone(), namespace, secret, owner_id))
            .await;
    let caller = until_done(health, "account", || ses.caller()).await;
    (keys, caller)
}

/// The lease has its own connection, so renewals never wait behind other requests.
async fn election(settings: &Settings, leadership: &Leadership, health: &Health) -> Result<Election, AnyError> {
    let times = Times { duration: settings.lease_duration };
    let client = connect(times.attempt()).await?;
    let lease = Arc::new(KubeLease::new(client, &settings.namespace, &settings.environment));
    let health = health.clone();
    Ok(Election::new(lease, &settings.identity, times, leadership.clone(), move || {
        health.heartbeat(Heartbeat::Election);
    }))
}

async fn control(
    controller: &Arc<Controller>,
    election: &Election,
    client: Client,
    watching: Client,
    settings: &Settings,
    stop: &CancellationToken,
) {
    let sink: Arc<dyn Sink> = controller.clone();
    let watches = async {
        tokio::join!(
            watch::objects::<SenderDomain>(watching.clone(), settings.scope(), sink.clone()),
            watch::objects::<SenderAddress>(watching.clone(), settings.scope(), sink.clone()),
            watch::claims(watching.clone(), settings.environment.clone(), sink.clone()),
            watch::namespaces(watching.clone(), sink.clone()),
            probe::run(client, &settings.namespace, |change| controller.api_server(&change)),
        )
    };
    let done = CancellationToken::new();
    let stopping = async {
        stop.cancelled().await;
        tracing::info!("stopping: waiting for running reconciles to finish");
        controller.stop();
        tokio::time::sleep(GRACE).await;
    };
    let reconciles = async {
        tokio::select! {
            () = controller.run(usize::from(settings.workers)) => {}
            () = stopping => tracing::warn!("some reconciles did not finish in time"),
        }
        done.cancel();
    };
    // Compete for leadership only once the index is complete. Free the lease only after all work has ended.
    let leading = async {
        controller.synced().await;
        election.run(&done).await;
    };
    tokio::select! {
        _ = watches => {}
        _ = async { tokio::join!(reconciles, leading) } => {}
    }
}

/// Repeats a startup step until it succeeds; readiness reports the error meanwhile.
async fn until_done<T, E: std::fmt::Display, F: Future<Output = Result<T, E>>>(
    health: &Health,
    gate: &'static str,
    mut step: impl FnMut() -> F,
) -> T {
    let mut failures = 0;
    loop {
        match step().await {
            Ok(done) => {
                health.open(gate);
                return done;
            }
            Err(error) => {
                failures += 1;
                tracing::warn!(gate, %error, "a prerequisite is missing; the operator retries");
                health.wait(gate, error.to_string());
                let wait = backoff::delay(failures, backoff::spread_of(gate, u64::from(failures)));
                tokio::time::sleep(wait.min(START_PAUSE)).await;
            }
        }
    }
}

/// Discovery needs no permission, so a missing CRD and a missing permission are distinguishable.
async fn crds_served(client: &Client) -> Result<(), String> {
    let version = format!("{GROUP}/{VERSION}");
    let served = client.list_api_group_resources(&version);
    let answer = tokio::time::timeout(Duration::from_secs(10), served).await;
    let kinds = match answer {
        Err(_) => return Err("the API server did not respond in time".to_owned()),
        Ok(Err(kube::Error::Api(status))) if status.code == 404 => Vec::new(),
        Ok(Err(error)) => return Err(format!("the request to the API server failed: {error}")),
        Ok(Ok(list)) => list.resources.into_iter().map(|resource| resource.kind).collect(),
    };
    match ["SenderDomain", "SenderAddress", "SenderClaim"]
        .iter()
        .find(|kind| !kinds.iter().any(|served| served == *kind))
    {
        Some(kind) => Err(format!("the CRD {kind} ({GROUP}/{VERSION}) is not installed: apply the files in crds/")),
        None => Ok(()),
    }
}

/// A client that drops a connection after `silence` without data, in the middle of a request or idle. By default, kube
/// waits for an answer without limit and reuses dead connections.
async fn connect(silence: Duration) -> Result<Client, AnyError> {
    let mut config = kube::Config::infer().await?;
    // Each request has its own deadline and each reconcile its own backoff. A second layer of retries would multiply
    // them and would honour a `Retry-After` of minutes.
    config.default_retry = false;
    config.connect_timeout = Some(CONNECT);
    config.read_timeout = Some(silence);
    // Measure from the request, not from the last use of a kept-alive connection.
    config.reset_reader_on_write = true;
    Ok(Client::try_from(config)?)
}

fn stop_on_signals(stop: &CancellationToken) -> Result<(), std::io::Error> {
    for kind in [SignalKind::terminate(), SignalKind::interrupt()] {
        let mut signals = signal(kind)?;
        let stop = stop.clone();
        tokio::spawn(async move {
            signals.recv().await;
            stop.cancel();
        });
    }
    Ok(())
}
