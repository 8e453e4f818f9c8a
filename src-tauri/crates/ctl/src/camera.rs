//! `camera`: what is set on a camera, its calibration, and the clock of a watched folder's.

use crate::cli::CameraCommand;
use crate::interrupt::interruption;
use crate::output::{Output, complaint};
use station::{LockOptions, Region, StationError, StationHome};
use std::ops::ControlFlow;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// `Ok(false)`: done, and something is not as it was wanted, or not as it was.
pub(crate) fn run(command: CameraCommand, output: &Output) -> Result<bool, StationError> {
    let home = StationHome::from_environment()?;
    match command {
        CameraCommand::List => {
            let cameras = home.cameras();
            output.list(&cameras);
            if cameras.is_empty() {
                // An empty list is an answer, but to a person it looks like none.
                let code = "camera-none";
                complaint(&output.say(code));
            }
            Ok(true)
        }
        CameraCommand::Controls { camera } => {
            output.value(&home.camera_controls(&camera)?);
            Ok(true)
        }
        CameraCommand::Set { settings, camera } => {
            let set = home.set_camera(&camera, &settings)?;
            output.value(&set);
            Ok(set.ok)
        }
        CameraCommand::Lock {
            camera,
            job,
            region,
            as_is,
            wait,
        } => {
            let options = LockOptions {
                job: job.as_deref(),
                region: if region == "centre" {
                    Region::Centre
                } else {
                    Region::Backdrop
                },
                as_is,
                wait: Duration::from_secs(wait),
            };
            let locked = home.lock_camera(&camera, options)?;
            output.value(&locked);
            Ok(locked.ok)
        }
        CameraCommand::Check { camera, wait } => {
            let checked = home.check_camera(&camera, Duration::from_secs(wait))?;
            output.value(&checked);
            Ok(checked.ok)
        }
        CameraCommand::Clock {
            job,
            camera,
            code,
            wait,
        } => {
            let wait = Duration::from_secs(wait);
            let mut desk = home.open_job(&job)?;
            let interrupted = interruption()?;
            let goes_on = || {
                if interrupted.load(Ordering::Relaxed) {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            };
            output.value(&desk.measure_clock(&camera, &code, wait, &goes_on)?);
            Ok(true)
        }
    }
}
