//! One `ChromeDriver` for all tests of this process; it ends with the process, however the process ends.

use std::{
    env,
    io::{Write, stderr},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

use sender_operator_harness::process_guard::ProcessGuard;

/// `required`: tests without a browser fail. Otherwise they are skipped.
const VARIABLE: &str = "SENDER_OPERATOR_BROWSER";
/// Names of the browser in the distributions.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
const DRIVER: &str = "chromedriver";
/// At the end of stdin, the driver and all its browsers end: they stay in the shell's process group.
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
    /// Its URL.
    pub url: String,
    /// The browser to start.
    pub browser: PathBuf,
    /// Folder of the browser profiles, removed with the driver.
    pub profiles: PathBuf,
    _guard: ProcessGuard,
}

/// The driver, started on the first call. `None`: this machine has no browser and needs none.
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
    // The driver would not report a port chosen with 0 in time, so pick a port that is free now.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let profiles = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("profiles-{}", std::process::id()));
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", SCRIPT]).arg(driver).arg(port.to_string()).arg(&profiles).stdout(Stdio::null());
    let guard = ProcessGuard::spawn(&mut shell).unwrap();
    Some(Driver { url: format!("http://127.0.0.1:{port}"), browser, profiles, _guard: guard })
}

/// Bypasses the test runner, which hides the output of tests that pass.
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
