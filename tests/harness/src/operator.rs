//! The operator's own binary as a process, configured only by flags and variables, as in a cluster.

use std::{
    fs::{File, OpenOptions},
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::PathBuf,
    process::{Command, ExitStatus},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};

use crate::{BrowserPage, ControlPlane, http, process_guard::ProcessGuard, wait::eventually};

/// Lines of the log in a failure message.
const TAIL: usize = 40;
/// Maximum number of starts that fail because another process took the port.
const PORT_ATTEMPTS: usize = 5;

#[derive(Clone, Debug)]
pub struct OperatorOptions {
    pub binary: PathBuf,
    /// Its user.
    pub kubeconfig: PathBuf,
    /// URL of SES and STS.
    pub aws_url: String,
    pub region: String,
    /// Its DNS server.
    pub dns: SocketAddr,
    /// Its environment.
    pub environment: String,
    /// The namespace of its Secret.
    pub namespace: String,
    /// Its name in the leader election.
    pub identity: String,
    /// Whether it serves the pages for owners of mailboxes, on a free port of each process.
    pub pages: bool,
    /// `json` or `human`.
    pub log_format: String,
    /// More variables. The process inherits only PATH, so the developer's AWS variables have no effect.
    pub env: Vec<(String, String)>,
    /// File of its log; a restart appends.
    pub log: PathBuf,
}

/// A running operator. Dropping it kills it; if the test fails, the end of its log is shown.
#[derive(Debug)]
pub struct Operator {
    options: OperatorOptions,
    launcher: PathBuf,
    addresses: Addresses,
    guard: ProcessGuard,
}

#[derive(Clone, Copy, Debug)]
struct Addresses {
    health: SocketAddr,
    pages: Option<SocketAddr>,
}

impl Operator {
    /// Starts the operator. It is not ready yet, see [`Self::wait_ready`].
    pub fn start(cluster: &ControlPlane, options: OperatorOptions) -> anyhow::Result<Self> {
        Self::launch(cluster.programs().path("launcher")?.to_owned(), options)
    }

    fn launch(launcher: PathBuf, options: OperatorOptions) -> anyhow::Result<Self> {
        File::create(&options.log).with_context(|| options.log.display().to_string())?;
        let (addresses, guard) = spawn(&launcher, &options)?;
        Ok(Self { options, launcher, addresses, guard })
    }

    /// Starts another replica with a separate log and this kubeconfig.
    pub(crate) fn replica(&self, identity: &str, kubeconfig: PathBuf) -> anyhow::Result<Self> {
        let mut options = OperatorOptions { kubeconfig, ..self.options.clone() };
        identity.clone_into(&mut options.identity);
        options.log.set_extension(format!("{identity}.log"));
        Self::launch(self.launcher.clone(), options)
    }

    /// Starts it again after [`Self::kill9`] or [`Self::stop`], optionally with changed options.
    pub fn start_again(&mut self, change: impl FnOnce(&mut OperatorOptions)) -> anyhow::Result<()> {
        change(&mut self.options);
        (self.addresses, self.guard) = spawn(&self.launcher, &self.options)?;
        Ok(())
    }

    /// Returns when `/readyz` returns 200; fails at once if the operator ends.
    pub async fn wait_ready(&mut self) -> anyhow::Result<()> {
        for _ in 0..PORT_ATTEMPTS {
            let ended = eventually("the operator is ready", async || {
                if let Some(status) = self.guard.exit_status().map_err(|error| error.to_string())? {
                    return Ok(Some(status));
                }
                match http::get(self.addresses.health, "/readyz").await {
                    Ok((200, _)) => Ok(None),
                    Ok((code, body)) => Err(format!("{code} {body}")),
                    Err(error) => Err(error.to_string()),
                }
            })
            .await
            .with_context(|| self.log_tail())?;
            match ended {
                None => return Ok(()),
                Some(_) if self.log_tail().contains("in use") => self.start_again(|_| {})?,
                Some(status) => bail!("the operator ended ({status}):\n{}", self.log_tail()),
            }
        }
        bail!("{PORT_ATTEMPTS} ports in a row were taken:\n{}", self.log_tail())
    }

    /// Sends SIGTERM, as Kubernetes does to end a pod. Returns the exit status and the duration.
    pub async fn stop(&self) -> anyhow::Result<(ExitStatus, Duration)> {
        self.end("TERM").await
    }

    /// Sends SIGKILL: a crash, or a lost node.
    pub async fn kill9(&self) -> anyhow::Result<()> {
        self.end("KILL").await.map(drop)
    }

    /// Sends a signal by its name, such as `STOP` and `CONT`.
    pub fn signal(&self, name: &str) -> io::Result<()> {
        self.guard.send(&format!("signal {name}"))
    }

    async fn end(&self, signal: &str) -> anyhow::Result<(ExitStatus, Duration)> {
        let started = Instant::now();
        self.signal(signal)?;
        let status = eventually(&format!("the operator's end by SIG{signal}"), async || {
            let status = self.guard.exit_status().map_err(|error| error.to_string())?;
            status.ok_or_else(|| "it runs".to_owned())
        })
        .await
        .with_context(|| self.log_tail())?;
        Ok((status, started.elapsed()))
    }

    /// Process id of the launcher; the operator is its only child.
    pub fn launcher_pid(&self) -> u32 {
        self.guard.pid()
    }

    pub async fn metrics(&self) -> anyhow::Result<String> {
        Ok(self.get("/metrics").await?.1)
    }

    pub async fn get(&self, path: &str) -> anyhow::Result<(u16, String)> {
        let address = self.addresses.health;
        http::get(address, path).await.with_context(|| format!("http://{address}{path}"))
    }

    /// Address of its health and metrics.
    pub fn address(&self) -> SocketAddr {
        self.addresses.health
    }

    /// Opens a page for owners of mailboxes at this process, leader or not. It also serves links of other processes: a
    /// load balancer can choose any replica.
    pub async fn open(&self, path: &str) -> anyhow::Result<BrowserPage> {
        BrowserPage::open(self.addresses.pages.context("it serves no pages")?, path).await
    }

    /// All output to stdout and stderr since the first start.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.options.log).unwrap_or_else(|error| error.to_string())
    }

    pub fn log_tail(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        let tail = lines[lines.len().saturating_sub(TAIL)..].join("\n");
        format!("the operator's log ({}) ends with:\n{tail}", self.options.log.display())
    }
}

impl Drop for Operator {
    fn drop(&mut self) {
        // A graceful end uses `stop`.
        let _ = self.signal("KILL");
        if std::thread::panicking() {
            #[expect(clippy::print_stderr, reason = "the test runner shows this with the failing test, and only then")]
            {
                eprintln!("{}", self.log_tail());
            }
        }
    }
}

fn spawn(launcher: &PathBuf, options: &OperatorOptions) -> anyhow::Result<(Addresses, ProcessGuard)> {
    let health = free_address()?;
    let pages = options.pages.then(free_address).transpose()?;
    let log = OpenOptions::new().append(true).create(true).open(&options.log)?;
    let mut command = Command::new(launcher);
    command
        .args(["exec", "--"])
        .arg(&options.binary)
        .args(["--environment", &options.environment, "--namespace", &options.namespace])
        .args(["--listen", &health.to_string(), "--dns-resolvers", &options.dns.to_string()])
        .args(["--log-format", &options.log_format, "--identity", &options.identity])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("KUBECONFIG", &options.kubeconfig)
        .env("AWS_ENDPOINT_URL_SESV2", &options.aws_url)
        .env("AWS_ENDPOINT_URL_STS", &options.aws_url)
        .env("AWS_REGION", &options.region)
        // It identifies the replica in the journal of AWS.
        .env("AWS_ACCESS_KEY_ID", &options.identity)
        .env("AWS_SECRET_ACCESS_KEY", "simulated")
        .env("RUST_BACKTRACE", "1")
        .envs(options.env.iter().map(|(name, value)| (name, value)))
        .stderr(log.try_clone()?)
        .stdout(log);
    if let Some(pages) = pages {
        command.args(["--web-listen", &pages.to_string(), "--public-url", &format!("http://{pages}")]);
    }
    let guard = ProcessGuard::spawn(&mut command).context("the launcher could not be started")?;
    Ok((Addresses { health, pages }, guard))
}

/// A free port. If another process takes it before the operator does, the operator ends and is started again.
fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

/// The operator's binary: `SENDER_OPERATOR_BINARY`, else the one that cargo built beside this program.
pub fn binary() -> anyhow::Result<PathBuf> {
    if let Some(path) = std::env::var_os("SENDER_OPERATOR_BINARY") {
        return Ok(path.into());
    }
    let own = std::env::current_exe()?;
    // Programs are in target/debug, tests in target/debug/deps.
    let candidates = own.ancestors().skip(1).take(2).map(|folder| folder.join("sender-operator"));
    candidates.into_iter().find(|path| path.is_file()).with_context(|| {
        format!("no operator beside {}: run `cargo build`, or set SENDER_OPERATOR_BINARY", own.display())
    })
}
