//! `card`: what lies on a reader, and how the reader is.

use crate::cli::CardCommand;
use crate::interrupt::interruption;
use crate::output::{Output, complaint, line};
use station::{ChipReport, Decoder, ReaderReport, StationError, read_document, watch_reader};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

pub(crate) fn run(command: CardCommand, output: &Output) -> Result<(), StationError> {
    match command {
        CardCommand::Read {
            reader,
            wait,
            decoder,
        } => {
            let decoder = decoder.map(Decoder::new);
            let wait = Duration::from_secs(wait);
            let document = read_document(&reader, wait, decoder.as_ref())?;
            output.value(&document);
            // The document was read, and that is what was asked: no fault, but to be said.
            if let Some(ChipReport::Shut { code }) = &document.portrait {
                complaint(&output.say(code));
            }
        }
        CardCommand::Watch { reader, r#for } => {
            let interrupted = interruption()?;
            let begun = Instant::now();
            let span = r#for.map(Duration::from_secs);
            let mut is_enough = || {
                interrupted.load(Ordering::Relaxed)
                    || span.is_some_and(|span| begun.elapsed() >= span)
            };
            watch_reader(&reader, &mut is_enough, &mut |report| tell(&report, output))?;
        }
    }
    Ok(())
}

fn tell(report: &ReaderReport, output: &Output) {
    if output.is_json() {
        output.explained(report, report.code());
        return;
    }
    match report {
        ReaderReport::Reader {
            code,
            reader: Some(reader),
            ..
        } => line(&format!("reader: {} ({reader})", output.say(code))),
        ReaderReport::Reader {
            code, reader: None, ..
        } => line(&format!("reader: {}", output.say(code))),
        ReaderReport::Empty => line("empty"),
        ReaderReport::Presented {
            insertion,
            already_there,
        } => {
            let how = if *already_there { "  (lay there)" } else { "" };
            line(&format!("document {insertion} came{how}"));
        }
        ReaderReport::Removed { insertion } => line(&format!("document {insertion} left")),
        ReaderReport::Read {
            insertion,
            document,
        } => line(&format!(
            "document {insertion} read {}: {} {} {} {}",
            document.reads, document.kind, document.assurance, document.name, document.number
        )),
        ReaderReport::Fault { insertion, code } => {
            line(&format!("document {insertion}: {}", output.say(code)));
        }
    }
}
