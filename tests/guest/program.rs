//! The program that runs in the guest: it plays with the devices. Only Linux has such a
//! guest.

#[cfg(target_os = "linux")]
mod camera;
#[cfg(target_os = "linux")]
mod reader;
#[cfg(target_os = "linux")]
mod seen;

fn main() {
    #[cfg(target_os = "linux")]
    play();
}

/// Plays with the devices that are asked for: all of them, unless the environment names
/// some. [`camera`] starts it as its own helpers, too.
#[cfg(target_os = "linux")]
fn play() {
    use likeness_tests::guest::{Host, Wish, load_drivers};

    let first = std::env::args_os().nth(1).expect("an argument");
    if first == camera::DEVICE {
        camera::be_a_camera();
        return;
    }
    if first == camera::CONSUMER {
        camera::consume();
        return;
    }
    let kernel = std::path::PathBuf::from(first);
    load_drivers(&kernel, &["virtio_console"]).expect("the driver of the line");
    let mut host = Host::connect().expect("the host");
    let asked = std::env::var("LIKENESS_GUEST_PLAYS").unwrap_or_default();
    let is_asked = |device: &str| asked.is_empty() || asked.split(',').any(|word| word == device);
    if is_asked("camera") {
        camera::play(&kernel, &mut host);
    }
    if is_asked("reader") {
        host = reader::play(&kernel, host);
    }
    host.ask(&Wish::End);
}

/// Plays one scenario: it panics when something is wrong, and tells what was measured.
#[cfg(target_os = "linux")]
fn judge(name: &str, scenario: impl FnOnce() -> String) -> likeness_tests::guest::Verdict {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    let begun = std::time::Instant::now();
    let played = catch_unwind(AssertUnwindSafe(scenario));
    likeness_tests::guest::Verdict {
        scenario: name.to_owned(),
        took_ms: millis(begun.elapsed()),
        outcome: played.map_err(|panic| words_of(panic.as_ref())),
    }
}

#[cfg(target_os = "linux")]
fn words_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let word = || panic.downcast_ref::<&str>().map(|word| (*word).to_owned());
    text.or_else(word).unwrap_or_else(|| "a panic".to_owned())
}

#[cfg(target_os = "linux")]
fn millis(span: std::time::Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
