//! A process started through the launcher of `tests/controlplane`, which ends when its stdin ends.
//!
//! The write end of that pipe is held by this process alone. However this process ends, the kernel closes it, and the
//! launcher ends what it started. On Linux not even SIGKILL of the launcher leaves anything behind.

use std::{
    io::{self, Write},
    os::unix::process::CommandExt,
    process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio},
    sync::{Mutex, PoisonError},
};

/// A running launcher. Dropping it ends what it started, and waits for that.
#[derive(Debug)]
pub struct ProcessGuard {
    child: Mutex<Child>,
    stdin: Mutex<Option<ChildStdin>>,
}

impl ProcessGuard {
    /// Starts the launcher; stdout and stderr are as the command says.
    pub fn spawn(command: &mut Command) -> io::Result<Self> {
        // A process group of its own: Ctrl-C at a terminal reaches it only through its parent's end.
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

    /// How the launcher ended, if it did.
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
        // Without the wait, ports and folders of one test would still be in use in the next.
        let _ = self.child.lock().unwrap_or_else(PoisonError::into_inner).wait();
    }
}
