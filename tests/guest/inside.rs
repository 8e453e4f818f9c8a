//! What a program in the guest needs: the line to the host, drivers, services.

use super::wish::{Answer, Wish};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const UDEVD: &str = "/lib/systemd/systemd-udevd";
const PCSCD: &str = "/usr/sbin/pcscd";
const SOCKET: &str = "/run/pcscd/pcscd.comm";
const START_MAX: Duration = Duration::from_secs(20);

/// The line to the host.
pub struct Host {
    line: BufReader<File>,
}

impl Host {
    /// Opens the line; the driver of its port has to be loaded.
    ///
    /// # Errors
    /// When there is none.
    pub fn connect() -> Result<Self, String> {
        let port = until("the line to the host", find_line)?;
        let file = File::options().read(true).write(true).open(&port);
        let file = file.map_err(|error| format!("{}: {error}", port.display()))?;
        Ok(Self {
            line: BufReader::new(file),
        })
    }

    /// Has a wish granted.
    ///
    /// # Panics
    /// If the host cannot or is gone: nothing that follows would mean anything.
    pub fn ask(&mut self, wish: &Wish) {
        let granted = self.try_ask(wish);
        granted.unwrap_or_else(|complaint| panic!("{wish:?}: {complaint}"));
    }

    fn try_ask(&mut self, wish: &Wish) -> Answer {
        let told = |error: io::Error| format!("the host is not heard: {error}");
        let mut text = serde_json::to_string(wish).map_err(|error| error.to_string())?;
        text.push('\n');
        self.line
            .get_mut()
            .write_all(text.as_bytes())
            .map_err(told)?;
        text.clear();
        self.line.read_line(&mut text).map_err(told)?;
        serde_json::from_str(&text).map_err(|error| format!("{error} in {text:?}"))?
    }
}

/// The port that QEMU was told to name so.
fn find_line() -> Option<PathBuf> {
    let ports = fs::read_dir("/sys/class/virtio-ports").ok()?;
    let mut ports = ports.filter_map(Result::ok);
    let named = ports.find(|port| {
        let name = fs::read_to_string(port.path().join("name"));
        name.is_ok_and(|name| name.trim() == super::LINE)
    })?;
    Some(Path::new("/dev").join(named.file_name()))
}

/// Loads drivers of the guest's own kernel, with what they need.
///
/// # Errors
/// Names the driver.
pub fn load_drivers(kernel: &Path, drivers: &[&str]) -> Result<(), String> {
    for driver in drivers {
        let mut load = Command::new("modprobe");
        let loaded = load.arg("--dirname").arg(kernel).arg(driver).output();
        let output = loaded.map_err(|error| format!("modprobe: {error}"))?;
        if !output.status.success() {
            let told = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(format!("the driver {driver}: {told}"));
        }
    }
    Ok(())
}

/// Starts the daemon from which the service hears of plugs.
///
/// # Errors
/// When it does not start.
pub fn start_udevd() -> Result<Child, String> {
    let child = quiet(UDEVD).spawn();
    let child = child.map_err(|error| format!("{UDEVD}: {error}"))?;
    until("udevd", || {
        Path::new("/run/udev/control").exists().then_some(())
    })?;
    Ok(child)
}

/// The smart-card service with the driver of USB readers.
pub struct Service {
    child: Child,
}

impl Service {
    /// Starts it, without the readers that the host's own is told of.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn start() -> Result<Self, String> {
        let nothing = "/run/no-readers";
        fs::create_dir_all(nothing).map_err(|error| error.to_string())?;
        fs::create_dir_all("/run/pcscd").map_err(|error| error.to_string())?;
        let child = quiet(PCSCD)
            .args(["--foreground", "--config", nothing])
            .spawn();
        let child = child.map_err(|error| format!("{PCSCD}: {error}"))?;
        until("pcscd", || UnixStream::connect(SOCKET).ok())?;
        Ok(Self { child })
    }

    /// Kills it.
    pub fn kill(&mut self) {
        // It may have died by itself, which is as good.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn quiet(program: &str) -> Command {
    let mut command = Command::new(program);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// Waits until something is there.
fn until<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> Result<T, String> {
    let deadline = Instant::now() + START_MAX;
    loop {
        if let Some(found) = found() {
            return Ok(found);
        }
        if Instant::now() > deadline {
            return Err(format!("{what} does not come up in the guest"));
        }
        thread::sleep(Duration::from_millis(10));
    }
}
