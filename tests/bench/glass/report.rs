//! The table of a run: figures of each product, and ratios to the first peer.

use std::{
    fmt::{self, Write},
    time::Duration,
};

use serde::Serialize;

use super::Workload;

/// One product under one workload.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// The product.
    pub product: String,
    /// The workload.
    pub workload: &'static str,
    /// Frames drawn.
    pub drawn: usize,
    /// Frames of which a person saw the number.
    pub seen: usize,
    /// Median of their latencies, milliseconds.
    pub p50_millis: Option<f64>,
    /// Their 95th percentile.
    pub p95_millis: Option<f64>,
    /// Towards the technician, with everything that the network adds.
    pub kbit_per_second: Option<f64>,
    /// Of the product on the customer's side.
    pub host_cores: Option<f64>,
    /// Of the product on the technician's side.
    pub view_cores: Option<f64>,
    /// From the last frame until every pixel was the same, seconds; none when it was not within three.
    pub exact_after_seconds: Option<f64>,
    /// Of so many looks while the film played (the second), in how many the text around it was the same in every pixel.
    pub around_exact: Option<(usize, usize)>,
}

impl Row {
    pub(super) fn new(
        product: &str,
        workload: Workload,
        drawn: usize,
        mut latencies: Vec<f64>,
        kbit_per_second: f64,
        (host_cores, view_cores): (f64, f64),
        exact_after: Option<Duration>,
    ) -> Self {
        latencies.sort_by(f64::total_cmp);
        let at = |part: f64| {
            latencies
                .get(((latencies.len() as f64 - 1.0) * part).round().max(0.0) as usize)
                .copied()
        };
        Self {
            product: product.to_owned(),
            workload: workload.name(),
            drawn,
            seen: latencies.len(),
            p50_millis: at(0.5),
            p95_millis: at(0.95),
            kbit_per_second: Some(kbit_per_second),
            host_cores: Some(host_cores),
            view_cores: Some(view_cores),
            exact_after_seconds: exact_after.map(|time| time.as_secs_f64()),
            around_exact: None,
        }
    }

    /// Keys are timed, and nothing else.
    pub(super) fn of_keys(product: &str, pressed: usize, latencies: Vec<f64>) -> Self {
        Self {
            kbit_per_second: None,
            host_cores: None,
            view_cores: None,
            ..Self::new(product, Workload::Keys, pressed, latencies, 0.0, (0.0, 0.0), None)
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let figure = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.1}"));
        let or_never = |value: Option<f64>| value.map_or_else(|| "never".to_owned(), |value| format!("{value:.2}"));
        // What was not measured is no figure.
        let exact = self
            .kbit_per_second
            .map_or_else(|| "–".to_owned(), |_| or_never(self.exact_after_seconds));
        let cores = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.3}"));
        write!(
            f,
            "| {} | {} | {} of {} | {} | {} | {} | {} | {} | {exact} |",
            self.workload,
            self.product,
            self.seen,
            self.drawn,
            figure(self.p50_millis),
            figure(self.p95_millis),
            figure(self.kbit_per_second),
            cores(self.host_cores),
            cores(self.view_cores),
        )
    }
}

/// Figures and ratios, in Markdown.
pub fn markdown(rows: &[Row]) -> String {
    let mut out = String::from(
        "| workload | product | frames seen | p50, ms | p95, ms | to the viewer, kbit/s | host, cores | viewer, cores | equal after, s |\n\
         |---|---|---|---|---|---|---|---|---|\n",
    );
    for workload in Workload::ALL {
        for row in rows.iter().filter(|row| row.workload == workload.name()) {
            let _ = writeln!(out, "{row}");
        }
    }
    for row in rows {
        if let Some((exact, looks)) = row.around_exact {
            let _ = writeln!(
                out,
                "\n{}: while the film played, the text around it was exact in {exact} of {looks} looks.",
                row.product
            );
        }
    }
    let Some(peer) = rows
        .iter()
        .map(|row| row.product.as_str())
        .find(|name| !name.starts_with("farhand"))
    else {
        return out;
    };
    let _ = write!(
        out,
        "\nFarhand ÷ {peer}, in the same run; below 1 is better:\n\n\
         | workload | p50 | p95 | bytes | processor time, both sides |\n|---|---|---|---|---|\n"
    );
    for workload in Workload::ALL {
        let of = |product: &str| rows.iter().find(|row| row.product == product && row.workload == workload.name());
        let (Some(ours), Some(theirs)) = (of("farhand"), of(peer)) else {
            continue;
        };
        let ratio = |a: f64, b: f64| if b > 0.0 { format!("{:.2}", a / b) } else { "–".to_owned() };
        let of_both = |a: Option<f64>, b: Option<f64>| a.zip(b).map_or_else(|| "–".to_owned(), |(a, b)| ratio(a, b));
        let cores = |row: &Row| row.host_cores.zip(row.view_cores).map(|(host, view)| host + view);
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            workload.name(),
            of_both(ours.p50_millis, theirs.p50_millis),
            of_both(ours.p95_millis, theirs.p95_millis),
            of_both(ours.kbit_per_second, theirs.kbit_per_second),
            of_both(cores(ours), cores(theirs)),
        );
    }
    out
}
