//! `likeness-ctl`: the use cases of the station on a command line.

mod camera;
mod card;
mod cli;
mod interrupt;
mod output;
mod portrait;
mod sit;

use clap::Parser;
use cli::{Cli, Command, JobCommand, RecordCommand, RosterCommand, StationCommand};
use output::Output;
use station::{Desk, StationError, StationHome, desk, desk::Which};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let cli = Cli::parse();
    let mut output = Output::new(cli.json, &cli.lang);
    match run(cli.command, &mut output) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            let status = output.error(&error);
            ExitCode::from(status)
        }
    }
}

/// `Ok(false)`: done, and something was refused or found wrong.
fn run(command: Command, output: &mut Output) -> Result<bool, StationError> {
    match command {
        Command::Job(JobCommand::Create {
            job,
            profile,
            training,
        }) => {
            output.value(&StationHome::from_environment()?.create_job(&job, &profile, training)?);
        }
        Command::Roster(command) => return run_roster(command, output),
        Command::Sit(args) => return sit::sit(args, output),
        Command::Record(command) => run_record(command, output)?,
        Command::Portrait(command) => return portrait::run(command, output),
        Command::Camera(command) => return camera::run(command, output),
        Command::Card(command) => card::run(command, output)?,
        Command::Station(StationCommand::Key) => {
            output.value(&StationHome::from_environment()?.key()?);
        }
        Command::Deliver { job, out } => {
            output.value(&open(&job)?.deliver(&out, &mut |_, _, _| ControlFlow::Continue(()))?);
        }
        Command::Verify { path, station_key } => {
            let verdict = desk::verify(&path, station_key.as_deref())?;
            output.verdict(&verdict);
            return Ok(verdict.ok);
        }
        Command::Codes => output.codes(),
    }
    Ok(true)
}

fn open(job: &Path) -> Result<Desk, StationError> {
    StationHome::from_environment()?.open_job(job)
}

fn run_roster(command: RosterCommand, output: &mut Output) -> Result<bool, StationError> {
    match command {
        RosterCommand::Import {
            job,
            file,
            dry_run,
            skip_faulty,
        } => {
            let import = open(&job)?.import_roster(&file, dry_run, skip_faulty)?;
            output.value(&import);
            return Ok(import.faults.is_empty());
        }
        RosterCommand::List { job, class } => {
            let entries = open(&job)?.roster(class.as_deref())?;
            output.list(&entries);
        }
        RosterCommand::Photos { job, dir } => {
            let import = open(&job)?.import_photos(&dir, &mut |_, _| ControlFlow::Continue(()))?;
            output.value(&import);
            return Ok(import.faults.is_empty());
        }
    }
    Ok(true)
}

fn run_record(command: RecordCommand, output: &mut Output) -> Result<(), StationError> {
    match command {
        RecordCommand::List { job } => output.list(&open(&job)?.records()?),
        RecordCommand::Export {
            job,
            student_number,
            out,
            generation,
            normalised,
        } => {
            let which = if normalised {
                Which::Normalised
            } else {
                Which::Portrait
            };
            output.value(&open(&job)?.export(&student_number, generation, which, &out)?);
        }
        RecordCommand::Flag {
            job,
            student_number,
            reason,
            by,
        } => {
            output.value(&open(&job)?.flag(&student_number, &reason, &by)?);
        }
    }
    Ok(())
}
