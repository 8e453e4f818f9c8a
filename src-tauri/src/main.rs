//! `likeness`: the station with its window.

// A console beside the window would be the first thing that a school on Windows sees.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use likeness_shell::{Start, builder, renderer};
use std::process::ExitCode;

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    if let Some(status) = renderer::restart_if_needed() {
        return status;
    }
    let start = match Start::from_arguments(std::env::args_os().skip(1)) {
        Ok(start) => start,
        Err(complaint) => {
            tracing::error!("{complaint}");
            complain(&complaint);
            return ExitCode::from(2);
        }
    };
    let station = match start.station() {
        Ok(station) => station,
        Err(error) => {
            complain(&error.to_string());
            return ExitCode::from(3);
        }
    };
    if !renderer::has_screen(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty())) {
        complain(
            "there is no screen: neither DISPLAY nor WAYLAND_DISPLAY is set. Start it in a desktop session; \
             likeness-ctl does the same on the command line.",
        );
        return ExitCode::from(3);
    }
    let context = tauri::generate_context!();
    match builder::<tauri::Wry>(station).run(context) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error.to_string());
            ExitCode::from(3)
        }
    }
}

#[expect(
    clippy::print_stderr,
    reason = "there is no window yet that could say it"
)]
fn complain(text: &str) {
    eprintln!("likeness: {text}");
}
