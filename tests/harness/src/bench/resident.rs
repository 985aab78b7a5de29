//! Resident memory of other processes, from `ps`, which every Unix has.

use std::process::Command;

use anyhow::Context;

use crate::eventually;

/// Number of consecutive samples with about the same value for a process at rest: some 5 seconds.
const LOOKS: usize = 100;
/// Tolerance for "about the same", in KiB.
const TREMBLE: u64 = 1024;

/// Resident memory in KiB.
#[derive(Clone, Copy, Default)]
pub(super) struct Resident {
    /// At rest.
    pub(super) now: u64,
    /// The maximum on the way there.
    pub(super) most: u64,
}

impl Resident {
    /// Watches a process until it neither grows nor shrinks.
    pub(super) async fn at_rest(pid: u32) -> anyhow::Result<Self> {
        let mut same = 0;
        let mut resident = Self::default();
        eventually(&format!("process {pid} is at rest"), async || {
            let now = of(pid).map_err(|error| error.to_string())?;
            same = if now.abs_diff(resident.now) <= TREMBLE { same + 1 } else { 0 };
            if same == 0 {
                resident.now = now;
            }
            resident.most = resident.most.max(now);
            if same >= LOOKS { Ok(resident) } else { Err(format!("{now} KiB")) }
        })
        .await
    }
}

pub(super) fn of(pid: u32) -> anyhow::Result<u64> {
    let all = processes()?;
    all.into_iter().find(|(id, ..)| *id == pid).map(|(.., kib)| kib).context("there is no such process")
}

/// The child processes of a process.
pub(super) fn children_of(pid: u32) -> anyhow::Result<Vec<u32>> {
    Ok(processes()?.into_iter().filter(|(_, parent, _)| *parent == pid).map(|(id, ..)| id).collect())
}

/// Id, parent and KiB of all processes.
fn processes() -> anyhow::Result<Vec<(u32, u32, u64)>> {
    let output = Command::new("ps").args(["-A", "-o", "pid=,ppid=,rss="]).output().context("ps")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = |line: &str| {
        let mut columns = line.split_whitespace();
        Some((columns.next()?.parse().ok()?, columns.next()?.parse().ok()?, columns.next()?.parse().ok()?))
    };
    Ok(text.lines().filter_map(line).collect())
}
