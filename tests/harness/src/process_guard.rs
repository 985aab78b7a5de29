//! A process started through the launcher of `tests/controlplane`, which ends when its stdin ends.
//!
//! Only this process holds the write end of that pipe. When this process ends for any reason, the kernel closes the
//! pipe, and the launcher ends its processes. On Linux, not even SIGKILL of the launcher leaves processes behind.

use std::{
    io::{self, Write},
    os::unix::process::CommandExt,
    process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio},
    sync::{Mutex, PoisonError},
};

/// A running launcher. Dropping it ends the launcher's processes and waits for their end.
#[derive(Debug)]
pub struct ProcessGuard {
    child: Mutex<Child>,
    stdin: Mutex<Option<ChildStdin>>,
}

impl ProcessGuard {
    /// Starts the launcher; the command configures stdout and stderr.
    pub fn spawn(command: &mut Command) -> io::Result<Self> {
        // A separate process group: Ctrl-C in a terminal reaches it only when its parent ends.
        let mut child = command.stdin(Stdio::piped()).process_group(0).spawn()?;
        let stdin = child.stdin.take();
        Ok(Self { child: Mutex::new(child), stdin: Mutex::new(stdin) })
    }

    /// The launcher's stdout, once, if the command piped it.
    pub fn stdout(&self) -> Option<ChildStdout> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner).stdout.take()
    }

    /// Sends one command line to the launcher.
    pub fn send(&self, line: &str) -> io::Result<()> {
        match self.stdin.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            Some(stdin) => writeln!(stdin, "{line}"),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    /// Exit status of the launcher, if it ended.
    pub fn exit_status(&self) -> io::Result<Option<ExitStatus>> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner).try_wait()
    }

    pub fn pid(&self) -> u32 {
        self.child.lock().unwrap_or_else(PoisonError::into_inner).id()
    }
}

impl Drop for ProcessGuard {
    fn drop(&mut self) {
        drop(self.stdin.lock().unwrap_or_else(PoisonError::into_inner).take());
        // Without the wait, the next test could find ports and folders of this test in use.
        let _ = self.child.lock().unwrap_or_else(PoisonError::into_inner).wait();
    }
}
