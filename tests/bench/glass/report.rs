//! What a run gave: figures of each product under each workload, and what was left out and why.

use anyhow::{Error, Result};
use serde::Serialize;

use super::{Workload, around::Around, costs::Costs, products::Kind, settle::Settled};

/// A whole run.
#[derive(Debug, Serialize)]
pub struct Outcome {
    /// How long each workload lasted.
    pub seconds: f64,
    /// What was compared, with versions.
    pub compared: Vec<String>,
    /// What was measured, product by product.
    pub rows: Vec<Row>,
    /// What was not.
    pub left_out: Vec<LeftOut>,
}

impl Outcome {
    /// One of these products, with nothing measured yet.
    pub fn of(kinds: &[&'static Kind], seconds: f64) -> Self {
        Self {
            seconds,
            compared: kinds.iter().map(|kind| kind.versioned()).collect(),
            rows: Vec::new(),
            left_out: Vec::new(),
        }
    }
}

/// One product under one workload.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// The product.
    pub product: &'static str,
    /// The workload.
    pub workload: &'static str,
    /// Frames drawn, or keys pressed.
    pub drawn: usize,
    /// Frames of which a person saw the number.
    pub seen: usize,
    /// Median of their latencies, milliseconds.
    pub p50_millis: Option<f64>,
    /// Their 95th percentile.
    pub p95_millis: Option<f64>,
    /// The longest of them.
    pub max_millis: Option<f64>,
    /// None for keys, which are timed and nothing else.
    pub costs: Option<Costs>,
    /// None for keys.
    pub settled: Option<Settled>,
    /// Of a film.
    pub around: Option<Around>,
}

impl Row {
    /// One of these latencies, milliseconds in any order, with nothing else yet.
    pub fn new(product: &'static str, workload: Workload, drawn: usize, mut latencies: Vec<f64>) -> Self {
        latencies.sort_by(f64::total_cmp);
        let at = |part: f64| {
            latencies
                .get(((latencies.len() as f64 - 1.0) * part).round().max(0.0) as usize)
                .copied()
        };
        Self {
            product,
            workload: workload.name(),
            drawn,
            seen: latencies.len(),
            p50_millis: at(0.5),
            p95_millis: at(0.95),
            max_millis: at(1.0),
            costs: None,
            settled: None,
            around: None,
        }
    }
}

/// A product that was not measured, under one workload or at all.
#[derive(Debug, Clone, Serialize)]
pub struct LeftOut {
    /// The product.
    pub product: &'static str,
    /// The workload; none for all of them.
    pub workload: Option<&'static str>,
    /// What stood in the way, in a few words.
    pub why: String,
}

impl LeftOut {
    /// Notes what went wrong with a peer, and says all of it on standard error.
    ///
    /// # Errors
    /// The given one, when it was Farhand's.
    pub fn unless_ours(kind: &Kind, workload: Option<Workload>, error: Error) -> Result<Self> {
        if !kind.is_peer() {
            return Err(error.context(kind.name));
        }
        eprintln!("{}: left out: {error:#}", kind.name);
        Ok(Self {
            product: kind.label,
            workload: workload.map(Workload::name),
            why: error.to_string(),
        })
    }
}
