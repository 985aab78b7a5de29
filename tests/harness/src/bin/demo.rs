//! `make demo`: the main job, live, for newcomers to the project.

use std::process::ExitCode;

use sender_operator_harness::demo::{self, screen::Screen};

#[tokio::main]
async fn main() -> ExitCode {
    let screen = Screen::of_this_process();
    let stay = std::env::var_os("STAY").is_none_or(|value| value != "0");
    match demo::run(&screen, stay).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If the terminal is gone, nobody can read the error.
            let _ = screen.failed(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}
