//! Watches a camera: `watch [SERIAL|/dev/videoN|nokhwa:N] [SECONDS]`. Lists what is
//! connected, opens one, prints what it reports, exposes once a second.

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
#[expect(
    clippy::print_stdout,
    reason = "a diagnostic program for a terminal says what it sees on it"
)]
fn main() -> Result<(), camera::CameraError> {
    use booth::ExposureId;
    use camera::{CameraEvent, ExposeRequest};
    use std::time::{Duration, Instant};

    let mut words = std::env::args().skip(1);
    let wanted = words.next().filter(|word| word != "-");
    let seconds = words.next().and_then(|word| word.parse().ok()).unwrap_or(5);
    for listed in camera::v4l2::list() {
        println!(
            "listed {} {} {:?}",
            listed.node.display(),
            listed.name,
            listed.device
        );
    }
    let start = Instant::now();
    let print = move |event: CameraEvent| {
        let at = start.elapsed().as_millis();
        match event {
            CameraEvent::Live { epoch, .. } => println!("{at} live {}", epoch.0),
            CameraEvent::Lost { cause, .. } => println!("{at} lost {}", cause.code()),
            CameraEvent::Exposed { exposure, frames } => {
                println!("{at} exposed {} with {} frames", exposure.0, frames.len());
                let now = clock::now();
                for frame in frames {
                    let stamp = frame.stamp();
                    println!(
                        "  sequence {} {} bytes {:?} {} age {:?} sha256 {}",
                        stamp.sequence,
                        frame.bytes().len(),
                        frame.encoding(),
                        stamp.birth.basis(),
                        now.since(stamp.birth.at()),
                        frame.digest()
                    );
                }
            }
            CameraEvent::Quarantined { reason, .. } => println!("{at} {}", reason.code()),
        }
    };
    let nokhwa = wanted
        .as_deref()
        .and_then(|word| word.strip_prefix("nokhwa:"));
    let camera = match nokhwa.and_then(|index| index.parse().ok()) {
        Some(index) => camera::nokhwa::open(index, Box::new(print))?,
        None => camera::v4l2::open(wanted.as_deref(), Box::new(print))?,
    };
    println!("opened {:?}", camera.device());
    for second in 0..seconds {
        std::thread::sleep(Duration::from_secs(1));
        let pressed = clock::now();
        camera.expose(ExposeRequest {
            exposure: ExposureId(second),
            pressed,
            frames: 3,
            deadline: pressed.plus(Duration::from_millis(800)),
        });
    }
    std::thread::sleep(Duration::from_secs(1));
    println!("{:?}", camera.counters());
    let closing = Instant::now();
    drop(camera);
    println!("closed in {} ms", closing.elapsed().as_millis());
    Ok(())
}
