//! What was measured, with its unit and the goal it is held against.

use serde::Serialize;

/// One figure.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    /// What was measured.
    pub name: String,
    /// Median of the rounds, or the only value.
    pub median: f64,
    /// 95th percentile of the rounds, where there were several.
    pub p95: Option<f64>,
    /// `ms`, `MB` or `% of a core`.
    pub unit: &'static str,
    /// At most this.
    pub goal: f64,
    /// Rounds.
    pub rounds: usize,
}

/// Every figure of one run.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Figures(pub Vec<Figure>);

impl Figures {
    /// Adds a series.
    pub fn series(&mut self, name: impl Into<String>, unit: &'static str, goal: f64, mut values: Vec<f64>) {
        values.sort_by(f64::total_cmp);
        let at = |part: f64| values.get(((values.len() as f64 - 1.0) * part).round() as usize).copied();
        let Some(median) = at(0.5) else { return };
        let p95 = if values.len() > 1 { at(0.95) } else { None };
        let figure = Figure {
            name: name.into(),
            median,
            p95,
            unit,
            goal,
            rounds: values.len(),
        };
        eprintln!("{}: {:.1} {}", figure.name, figure.median, figure.unit);
        self.0.push(figure);
    }
}
