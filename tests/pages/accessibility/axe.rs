//! The checker: fetched once from the npm registry, in the version that `axe-core/package-lock.json` pins by its hash.

use std::{path::Path, process::Command, sync::OnceLock};

use serde::Deserialize;

use crate::browser::Browser;

/// The findings on one page.
#[derive(Clone, Debug, Deserialize)]
pub struct Report {
    /// Number of rules that the page passes.
    passes: usize,
    /// Rules that it violates.
    violations: Vec<Violation>,
}

/// A violated rule.
#[derive(Clone, Debug, Deserialize)]
struct Violation {
    id: String,
    impact: String,
    help: String,
    /// The elements, with their defects.
    nodes: Vec<String>,
}

/// Checks the current page with all rules that are on by default: WCAG 2 A and AA, and best practices.
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
    serde_json::from_value(found.clone()).unwrap_or_else(|_| panic!("axe failed: {found}"))
}

/// The source code of the checker.
fn source() -> &'static str {
    static SOURCE: OnceLock<String> = OnceLock::new();
    SOURCE.get_or_init(|| {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages/axe-core/fetch");
        let output = Command::new(script).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        std::fs::read_to_string(String::from_utf8(output.stdout).unwrap().trim()).unwrap()
    })
}

impl Report {
    /// The serious violations on the page. At least one rule has to have been checked.
    pub fn serious(self, page: &str) -> Vec<String> {
        assert!(self.passes > 10, "{page}: the checker applied hardly any rules");
        let serious = self.violations.into_iter().filter(|found| ["serious", "critical"].contains(&&*found.impact));
        let told = |found: Violation| {
            format!("{page}: {} ({}): {}\n{}", found.id, found.impact, found.help, found.nodes.join("\n"))
        };
        serious.map(told).collect()
    }
}
