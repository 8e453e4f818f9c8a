//! `portrait`: pictures that come from elsewhere, one or a folder of them.

use crate::cli::PortraitCommand;
use crate::interrupt::interruption;
use crate::output::{Output, complaint, line};
use indicatif::{ProgressBar, ProgressStyle};
use station::StationError;
use station::desk::{self, Batch, PortraitLine};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::Ordering;

/// `Ok(false)`: done, and something failed the standard.
pub(crate) fn run(command: PortraitCommand, output: &Output) -> Result<bool, StationError> {
    match command {
        PortraitCommand::Profile { name, measures } => {
            let text = match name {
                Some(name) => desk::profile_text(&name)?,
                None if measures => desk::usual_measures(),
                None => {
                    output.list(&desk::profiles());
                    return Ok(true);
                }
            };
            if output.is_json() {
                output.value(&desk::ProfileText { text });
            } else {
                line(text.trim_end());
            }
            Ok(true)
        }
        PortraitCommand::Make {
            input,
            out,
            normalise,
            sheet,
            profile,
        } => {
            let sheet = sheet.as_deref();
            if input.is_dir() {
                let batch = if normalise {
                    Batch::MakeNormalised { out: &out, sheet }
                } else {
                    Batch::Make { out: &out }
                };
                return folder(&input, batch, &profile, output);
            }
            let made = if normalise {
                desk::make_normalised(&input, &out, &profile, sheet)?
            } else {
                desk::make_portrait(&input, &out, &profile)?
            };
            output.value(&made);
            Ok(true)
        }
        PortraitCommand::Check {
            file,
            sheet,
            overlay,
            profile,
        } if file.is_dir() => {
            if overlay.is_some() {
                return Err(StationError::Refused("overlay-of-one-file"));
            }
            let sheet = sheet.as_deref();
            folder(&file, Batch::Check { sheet }, &profile, output)
        }
        PortraitCommand::Check {
            file,
            overlay,
            sheet,
            profile,
        } => {
            if sheet.is_some() {
                return Err(StationError::Refused("sheet-of-a-folder"));
            }
            let verdict = desk::check_portrait(&file, &profile, overlay.as_deref())?;
            output.value(&verdict);
            Ok(verdict.ok)
        }
    }
}

/// A line for each picture in JSON, for each that failed otherwise; a bar on a terminal.
fn folder(
    dir: &Path,
    batch: Batch<'_>,
    profile: &str,
    output: &Output,
) -> Result<bool, StationError> {
    let interrupted = interruption()?;
    // Drawn on a terminal only, on standard error.
    let bar = ProgressBar::new(0).with_style(style());
    let mut tell = |line: &PortraitLine, _done: usize, of: usize| {
        bar.set_length(u64::try_from(of).unwrap_or(u64::MAX));
        bar.inc(1);
        if output.is_json() {
            output.explained(line, line.code.as_deref());
        } else if let Some(code) = line.code.as_deref().filter(|_| !line.ok) {
            bar.suspend(|| complaint(&format!("{}: {}", line.file, output.say(code))));
        }
        if interrupted.load(Ordering::Relaxed) {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    };
    let done = desk::portraits(dir, batch, profile, &mut tell)?;
    bar.finish_and_clear();
    output.value(&done);
    Ok(done.passed == done.pictures && !done.cancelled)
}

fn style() -> ProgressStyle {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {eta}");
    style.unwrap_or_else(|_| ProgressStyle::default_bar())
}
