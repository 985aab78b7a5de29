//! The checker: fetched once from the npm registry in the version that `axe-core/package-lock.json` pins by its hash.

use std::{collections::BTreeMap, path::Path, process::Command, sync::OnceLock};

use serde::Deserialize;

use crate::{browser::Browser, looks::Looks};

/// What the checker found on one page.
#[derive(Clone, Debug, Deserialize)]
pub struct Report {
    /// Rules that the page keeps.
    passes: usize,
    /// Rules that it breaks.
    violations: Vec<Violation>,
}

/// A rule that a page breaks.
#[derive(Clone, Debug, Deserialize)]
struct Violation {
    id: String,
    impact: String,
    help: String,
    /// The elements, with what is wrong with them.
    nodes: Vec<String>,
}

/// Checks the page that is shown, by all rules that are on by default: WCAG 2 A and AA, and good practice.
pub async fn run(browser: &Browser) -> Report {
    browser.ask(source()).await;
    let check = "const done = arguments[arguments.length - 1];
        axe.run(document).then(found => done({
            passes: found.passes.length,
            violations: found.violations.map(({id, impact, help, nodes}) => ({
                id, impact: impact || 'minor', help,
                nodes: nodes.map(node => node.html.slice(0, 200) + ' ' + (node.failureSummary || '')),
            })),
        })).catch(error => done(String(error)))";
    let found = browser.client.execute_async(check, Vec::new()).await.unwrap();
    serde_json::from_value(found.clone()).unwrap_or_else(|_| panic!("axe did not end well: {found}"))
}

/// The text of the checker.
fn source() -> &'static str {
    static SOURCE: OnceLock<String> = OnceLock::new();
    SOURCE.get_or_init(|| {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages/axe-core/fetch");
        let output = Command::new(script).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        std::fs::read_to_string(String::from_utf8(output.stdout).unwrap().trim()).unwrap()
    })
}

/// All reports.
#[derive(Debug, Default)]
pub struct Table {
    rows: BTreeMap<(&'static str, &'static str), Row>,
    seen: usize,
    serious: Vec<String>,
}

#[derive(Debug, Default)]
struct Row {
    checks: usize,
    passes: usize,
    by_impact: BTreeMap<String, usize>,
    rules: Vec<String>,
}

impl Table {
    /// Adds what was found on a page.
    pub fn add(&mut self, scene: &'static str, looks: Looks, language: &str, report: Report) {
        self.seen += 1;
        let row = self.rows.entry((scene, looks.name)).or_default();
        row.checks += 1;
        row.passes += report.passes;
        for Violation { id, impact, help, nodes } in report.violations {
            if ["serious", "critical"].contains(&impact.as_str()) {
                self.serious.push(format!(
                    "{scene}, {}, {language}: {id} ({impact}): {help}\n{}",
                    looks.name,
                    nodes.join("\n")
                ));
            }
            *row.by_impact.entry(impact).or_default() += 1;
            if !row.rules.contains(&id) {
                row.rules.push(id);
            }
        }
    }

    /// Shows it, and fails if anything serious was found or fewer than `expected` pages were looked at.
    pub fn print_and_judge(&self, expected: usize) {
        println!(
            "{:<14} {:<16} {:>6} {:>6} {:>5} {:>8} {:>7} {:>8}",
            "page", "looks", "checks", "passes", "minor", "moderate", "serious", "critical"
        );
        for ((scene, looks), row) in &self.rows {
            let count = |impact: &str| row.by_impact.get(impact).copied().unwrap_or_default();
            let [minor, moderate, serious, critical] = ["minor", "moderate", "serious", "critical"].map(count);
            let rules = row.rules.join(" ");
            println!(
                "{scene:<14} {looks:<16} {:>6} {:>6} {minor:>5} {moderate:>8} {serious:>7} {critical:>8} {rules}",
                row.checks, row.passes
            );
        }
        assert_eq!(self.seen, expected, "pages looked at");
        assert!(self.rows.values().all(|row| row.passes > 10 * row.checks), "the checker hardly checked anything");
        assert!(self.serious.is_empty(), "{}", self.serious.join("\n\n"));
    }
}
