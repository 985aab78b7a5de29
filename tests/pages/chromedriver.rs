//! One `ChromeDriver` for all tests of this process, which ends with it, however that ends.

use std::{
    env,
    io::{Write, stderr},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

use sender_operator_harness::process_guard::ProcessGuard;

/// Says whether there has to be a browser, and where it is told that there is none.
const VARIABLE: &str = "SENDER_OPERATOR_BROWSER";
/// The browser under the names that distributions give it.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
const DRIVER: &str = "chromedriver";
/// When stdin ends, so do the driver and all browsers that it started: they stay in the shell's process group.
const SCRIPT: &str = r#"trap : TERM
"$0" --port="$1" --log-level=SEVERE >/dev/null 2>&1 &
cat >/dev/null
kill -s TERM -- -$$
wait
rm -rf "$2" 2>/dev/null || rm -rf "$2" 2>/dev/null
kill -s KILL -- -$$"#;

/// A running driver.
#[derive(Debug)]
pub struct Driver {
    /// Where it listens.
    pub url: String,
    /// The browser that it is to start.
    pub browser: PathBuf,
    /// Where browsers keep what they write; it goes with them.
    pub profiles: PathBuf,
    _guard: ProcessGuard,
}

/// The driver, started on the first call. `None`: this machine has no browser and need not have one.
pub fn driver() -> Option<&'static Driver> {
    static DRIVER: OnceLock<Option<Driver>> = OnceLock::new();
    DRIVER.get_or_init(start).as_ref()
}

fn start() -> Option<Driver> {
    let browser = BROWSERS.iter().find_map(|name| on_path(name));
    let (Some(browser), Some(driver)) = (browser, on_path(DRIVER)) else {
        missing();
        return None;
    };
    // The driver takes no port 0 that it would tell us in time: a free one is free until the next moment at least.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let profiles = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("profiles-{}", std::process::id()));
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", SCRIPT]).arg(driver).arg(port.to_string()).arg(&profiles).stdout(Stdio::null());
    let guard = ProcessGuard::spawn(&mut shell).unwrap();
    Some(Driver { url: format!("http://127.0.0.1:{port}"), browser, profiles, _guard: guard })
}

/// Past the test runner, which shows nothing of tests that pass.
fn missing() {
    let what = "no Chromium or Chrome with its ChromeDriver on the PATH (Debian: apt-get install chromium \
                chromium-driver; macOS: brew install --cask google-chrome chromedriver)";
    let required = env::var(VARIABLE).is_ok_and(|value| value == "required");
    assert!(!required, "{VARIABLE}=required, but there is {what}");
    let _ = writeln!(stderr(), "\nSKIPPED, all tests that need a browser: there is {what}\n");
}

fn on_path(name: &str) -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    env::split_paths(&folders).map(|folder| folder.join(name)).find(|file| is_program(file))
}

fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}
