//! `docs/reference/settings.md`: a row for each setting, from the doc comments of `src/settings`.

use std::{env, fmt::Write, fs, path::Path};

use clap::CommandFactory;
use sender_operator::settings::Settings;

const HEAD: &str = "\
# Settings

A test generates this page from the code. `UPDATE=1 cargo test --test docs` updates it.

Each setting is available as a flag, an environment variable (`--release-delay` is `SENDER_OPERATOR_RELEASE_DELAY`) and
a chart value (`config.releaseDelay`). `sender-operator --help` prints the same descriptions. The chart sets a few of
the settings itself; [the chart's README](../../charts/sender-operator/README.md) lists its values.

| setting | default | meaning |
| --- | --- | --- |
";

fn page() -> String {
    let mut page = HEAD.to_owned();
    for arg in Settings::command().get_arguments() {
        let Some(flag) = arg.get_long().filter(|flag| !["help", "version"].contains(flag)) else { continue };
        // The default identity is random.
        let defaults = arg.get_default_values().iter().filter(|_| flag != "identity");
        let default = defaults.map(|value| value.to_string_lossy().into_owned()).collect::<Vec<_>>().join(",");
        let default = if default.is_empty() { String::new() } else { format!("`{default}`") };
        let help = arg.get_long_help().or_else(|| arg.get_help()).unwrap().to_string();
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|").replace('<', "&lt;");
        writeln!(page, "| `--{flag}` | {default} | {help} |").unwrap();
    }
    page.replace("|  |", "| |")
}

#[test]
fn the_page_of_settings_matches_the_code() {
    let (file, page) = (Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/settings.md"), page());
    if env::var_os("UPDATE").is_some() {
        fs::write(&file, &page).unwrap();
    }
    let on_disk = fs::read_to_string(&file).unwrap_or_default();
    assert!(on_disk == page, "docs/reference/settings.md is not up to date: UPDATE=1 cargo test --test docs");
}
