//! What a process costs: processor time and private plus shared memory, as Linux counts them.

use std::fs;

use anyhow::{Context as _, Result};

/// Ticks of processor time in a second, as Linux reports them to programs on every architecture.
const TICKS_PER_SECOND: f64 = 100.0;

/// Processor time of a process so far, in seconds.
pub fn cpu_seconds(pid: u32) -> Result<f64> {
    let fields = stat_of(pid)?;
    let ticks = |at: usize| fields.get(at).and_then(|t| t.parse::<f64>().ok()).context("ticks");
    Ok((ticks(11)? + ticks(12)?) / TICKS_PER_SECOND)
}

/// Processor time so far of these processes and of all that they started and that still run, in seconds.
pub fn tree_cpu_seconds(roots: &[u32]) -> Result<f64> {
    Ok(tree(roots)?.into_iter().filter_map(|pid| cpu_seconds(pid).ok()).sum())
}

/// Memory of these processes and of all that they started, in megabytes of 2²⁰ bytes; a page that several processes have counts for each by its part (PSS).
pub fn tree_pss_mb(roots: &[u32]) -> Result<f64> {
    let kilobytes = |pid: u32| -> Option<f64> {
        let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
        line.split_whitespace().next()?.parse().ok()
    };
    // Not `sum`, which makes -0 of nothing.
    Ok(tree(roots)?.into_iter().filter_map(kilobytes).fold(0.0, |sum, one| sum + one) / 1024.0)
}

/// These processes and all that descend from them. One that ends meanwhile may be left out.
fn tree(roots: &[u32]) -> Result<Vec<u32>> {
    let pids = fs::read_dir("/proc")?
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let parents: Vec<(u32, u32)> = pids
        .filter_map(|pid| Some((pid, stat_of(pid).ok()?.get(1)?.parse().ok()?)))
        .collect();
    let mut found = roots.to_vec();
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        let children = parents.iter().filter(|(pid, of)| *of == parent && !found.contains(pid));
        let children: Vec<u32> = children.map(|(pid, _)| *pid).collect();
        found.extend(children);
        next += 1;
    }
    Ok(found)
}

/// What Linux says of a process behind its name: the first field is its state, the second its parent.
fn stat_of(pid: u32) -> Result<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let after_name = stat.rsplit_once(") ").context("a process's line")?.1;
    Ok(after_name.split(' ').map(str::to_owned).collect())
}

/// RssAnon + RssShmem, in megabytes of 2²⁰ bytes.
pub fn memory_mb(pid: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let kilobytes = |name: &str| -> f64 {
        let line = status.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_whitespace().nth(1))
            .and_then(|n| n.parse().ok())
            .unwrap_or_default()
    };
    Ok((kilobytes("RssAnon:") + kilobytes("RssShmem:")) / 1024.0)
}
