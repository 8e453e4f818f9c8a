//! `sit`: one sitting, with commands from standard input.

use crate::cli::SitArgs;
use crate::output::{Output, complaint, line};
use station::desk::FindingLine;
use station::{
    Command, Outcome, Report, ReviewReport, SittingOptions, StationError, StationHome, attendance,
    claim, parse_token,
};
use std::io::BufRead;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

pub(crate) fn sit(args: SitArgs, output: &Output) -> Result<bool, StationError> {
    let mut desk = StationHome::from_environment()?.open_job(&args.job)?;
    let options = SittingOptions {
        reader: args.reader,
        camera: args.camera,
        attendance: attendance(args.auto),
        operator: args.operator,
        claim: claim(args.student_number.as_deref(), args.refer_by)?,
        document_wait: Duration::from_secs(args.wait),
        decoder: None,
    };
    let (sender, mut commands) = unbounded_channel();
    // Without `--auto` standard input takes the commands; with it nobody types.
    if !args.auto {
        let sender = sender.clone();
        std::thread::spawn(move || read_commands(&sender));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| StationError::Fault {
            code: "disk",
            detail: error.to_string(),
        })?;
    let mut report = |report: Report| tell(&report, output);
    let outcome = runtime.block_on(async {
        let interrupted = sender.clone();
        tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                let _sent = interrupted.send(Command::Void);
            }
        });
        desk.hold_sitting(options, &mut commands, &mut report).await
    })?;
    Ok(outcome == Outcome::Filed)
}

/// Reads `expose`, `retake`, `accept [TOKEN]` and `void`, one a line.
fn read_commands(sender: &UnboundedSender<Command>) {
    for text in std::io::stdin().lock().lines() {
        let Ok(text) = text else { break };
        let words: Vec<_> = text.split_whitespace().collect();
        let command = match words.as_slice() {
            [] => continue,
            ["expose"] => Command::Expose,
            ["retake"] => Command::Retake,
            ["void"] => Command::Void,
            ["accept"] => Command::Accept(None),
            ["accept", token] => Command::Accept(Some(parse_token(token))),
            _ => {
                complaint("expose, retake, accept [TOKEN] or void");
                continue;
            }
        };
        if sender.send(command).is_err() {
            return;
        }
    }
    let _sent = sender.send(Command::EndOfInput);
}

/// The code of an event that something is to be done about.
fn code_of(report: &Report) -> Option<&str> {
    match report {
        Report::CameraNote { code, .. } => Some(code),
        Report::Refused { code, .. } | Report::Quarantined { code, .. } => Some(code),
        Report::End(end) => Some(end.code),
        Report::Reader { .. }
        | Report::Camera { .. }
        | Report::Stage { .. }
        | Report::TakeDocument
        | Report::Seated(_)
        | Report::Review(_) => None,
    }
}

/// The portrait that waits, what is to be looked at on it and on its copy, and how to accept it.
fn tell_review(review: &ReviewReport, output: &Output) {
    line(&format!(
        "portrait {} ({} bytes, quality {})",
        review.portrait_sha256, review.bytes, review.quality
    ));
    let warnings = |findings: &[FindingLine]| {
        for finding in findings.iter().filter(|it| it.severity != "informs") {
            line(&format!("  {}", output.say(finding.code)));
        }
    };
    warnings(&review.findings);
    if let Some(copy) = &review.normalised_sha256 {
        line(&format!("copy {copy}"));
        warnings(&review.normalised_findings);
    }
    if let Some(code) = review.normalised_code {
        line(&format!("no copy: {}", output.say(code)));
    }
    line(&format!("accept {}", review.token));
}

fn tell(report: &Report, output: &Output) {
    if output.is_json() {
        output.explained(report, code_of(report));
        return;
    }
    match report {
        Report::Reader { state } => line(&format!("reader: {state}")),
        Report::Camera { state } => line(&format!("camera: {state}")),
        Report::CameraNote { code, detail } => {
            line(&format!("camera: {} ({detail})", output.say(code)));
        }
        Report::Stage { stage, why, .. } => line(&format!("{stage} ({why})")),
        Report::TakeDocument => line(&output.say("document-not-removed")),
        Report::Seated(seated) => line(&format!(
            "{} {} {} {}{}",
            seated.student_number,
            seated.name,
            seated.class,
            seated.number,
            if seated.admission_photo {
                ""
            } else {
                "  (no admission photo)"
            },
        )),
        Report::Review(review) => tell_review(review, output),
        Report::Refused { code, finding } => {
            line(&output.say(code));
            if let Some(finding) = finding {
                line(&format!("  {}", output.say(finding)));
            }
        }
        Report::Quarantined { code, file } => {
            let file = file.as_str();
            line(&format!("quarantined: {file}: {}", output.say(code)));
        }
        Report::End(end) => {
            line(&format!("{}: {}", end.outcome, output.say(end.code)));
            if let Some(finding) = end.finding {
                line(&format!("  {}", output.say(finding)));
            }
        }
    }
}
