//! A guest machine, for what a test machine has not: a USB reader and a USB camera with
//! their true drivers, and plugs that can be pulled.
//!
//! The guest runs the distribution's own kernel in QEMU. Its root is the host's root,
//! so the programs that were just built, the service and its drivers are there already;
//! nothing that it writes reaches the host. It runs one program, which drives the part
//! under test and asks the host for what only the host can do ([`Wish`]): lay a card
//! on the reader, pull its plug. The camera is made by the guest's own kernel
//! (`simulator::uvc`).
//!
//! [`Machine::boot`] fails where there is no QEMU or no kernel (`cargo xtask setup`
//! fetches both); the test then returns, having said `SKIPPED` and why where even a
//! captured test is heard ([`skip`]). With `LIKENESS_REQUIRE_GUEST=1` (as in `cargo xtask test`)
//! it fails instead.

mod bench;
mod initramfs;
mod inside;
mod monitor;
mod watched;
mod wish;

pub use inside::{Host, Service, load_drivers, start_udevd};
pub use watched::Watched;
pub use wish::{Answer, Fault, Person, Plan, Verdict, Wish};

use bench::Bench;
use monitor::Monitor;
use simulator::vscard::Slot;
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Where `cargo xtask setup` puts the kernel and the shell of the guest.
const KIT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/guest");
const QEMU: &str = "qemu-system-x86_64";
/// The name of the line between program and host, in the guest.
const LINE: &str = "likeness.host";
/// QEMU opens its sockets within this time.
const DIAL_MAX: Duration = Duration::from_secs(20);

/// A machine that runs. Dropping it ends it.
pub struct Machine {
    qemu: Child,
    folder: TempDir,
    bench: Arc<Bench>,
    line: BufReader<UnixStream>,
}

impl Machine {
    /// Boots a machine that runs a program of the host, with the folder of the kernel's
    /// drivers as its only argument and these variables in its environment.
    ///
    /// # Errors
    /// Why there can be none; then the test may [`skip`].
    pub fn boot(program: &Path, variables: &[(&str, String)]) -> Result<Self, String> {
        if !cfg!(target_arch = "x86_64") {
            return Err("the guest shares programs with the host, which is no x86-64".to_owned());
        }
        let kit = Kit::find()?;
        let folder = tempfile::tempdir().map_err(|error| format!("no folder: {error}"))?;
        let archive = initramfs::pack(
            &kit.busybox,
            &kit.modules,
            &kit.command_line(program, variables),
        )?;
        let initramfs = folder.path().join("initramfs");
        fs::write(&initramfs, &archive).map_err(|error| format!("initramfs: {error}"))?;
        let mut qemu = kit
            .qemu(folder.path(), &initramfs)
            .spawn()
            .map_err(|error| format!("{QEMU} does not start: {error}"))?;
        let mut dial = |name: &str| dial(&folder.path().join(name), &mut qemu);
        let lines = dial("monitor").and_then(|monitor| {
            let (card, line) = (dial("card")?, dial("line")?);
            let slot = Slot::new(card).map_err(|error| format!("the card: {error}"))?;
            Ok((Bench::new(slot, Monitor::new(monitor)?), line))
        });
        match lines {
            Ok((bench, line)) => Ok(Self {
                qemu,
                folder,
                bench: Arc::new(bench),
                line: BufReader::new(line),
            }),
            Err(complaint) => {
                end(&mut qemu);
                let told = fs::read_to_string(folder.path().join("qemu.log"));
                Err(format!("{complaint}; {}", told.unwrap_or_default()))
            }
        }
    }

    /// Grants the program's wishes until it ends, and returns what it noted. `heard` is
    /// told of each note at once.
    ///
    /// # Errors
    /// When the program or the machine ends without having said so, or takes longer
    /// than `max`; with the last words of the machine.
    pub fn serve(
        &mut self,
        max: Duration,
        mut heard: impl FnMut(&Verdict),
    ) -> Result<Vec<Verdict>, String> {
        let deadline = Instant::now() + max;
        let mut verdicts = Vec::new();
        loop {
            let wish = self
                .next_wish(deadline)
                .map_err(|complaint| format!("{complaint}\n{}", self.last_words()))?;
            let is_end = matches!(wish, Wish::End);
            if let Wish::Note(verdict) = &wish {
                heard(verdict);
                verdicts.push(verdict.clone());
            }
            let answer = serde_json::json!(self.bench.grant(wish));
            writeln!(self.line.get_mut(), "{answer}").map_err(|error| error.to_string())?;
            if is_end {
                return Ok(verdicts);
            }
        }
    }

    fn next_wish(&mut self, deadline: Instant) -> Result<Wish, String> {
        let left = deadline.saturating_duration_since(Instant::now());
        let left = left.max(Duration::from_millis(1));
        let told = |error: io::Error| format!("the guest is not heard: {error}");
        self.line
            .get_ref()
            .set_read_timeout(Some(left))
            .map_err(told)?;
        let mut text = String::new();
        if self.line.read_line(&mut text).map_err(told)? == 0 {
            return Err("the guest ended too early".to_owned());
        }
        serde_json::from_str(&text).map_err(|error| format!("{error} in {text:?}"))
    }

    /// The end of what kernel and program wrote.
    fn last_words(&self) -> String {
        let console = fs::read(self.folder.path().join("console.log")).unwrap_or_default();
        let text = String::from_utf8_lossy(&console);
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        end(&mut self.qemu);
    }
}

fn end(qemu: &mut Child) {
    // It may have ended by itself.
    drop(qemu.kill());
    drop(qemu.wait());
}

/// What was fetched for the guest.
struct Kit {
    /// The unpacked package of the kernel.
    root: PathBuf,
    kernel: PathBuf,
    /// The folder with the drivers of that very kernel.
    modules: PathBuf,
    busybox: PathBuf,
}

impl Kit {
    fn find() -> Result<Self, String> {
        let missing = |what: &str| format!("{what}; `cargo xtask setup` fetches it");
        let there = Command::new(QEMU).arg("--version").output();
        there.map_err(|_| missing("there is no QEMU"))?;
        let kit = fs::canonicalize(KIT).map_err(|_| missing("there is no kernel for a guest"))?;
        let root = kit.join("kernel");
        let versions = fs::read_dir(root.join("lib/modules"));
        let mut versions = versions.map_err(|_| missing("there is no kernel for a guest"))?;
        let version = versions.find_map(|entry| entry.ok()?.file_name().into_string().ok());
        let version = version.ok_or_else(|| missing("the kernel for a guest has no drivers"))?;
        let busybox = kit.join("busybox/bin/busybox");
        if !busybox.exists() {
            return Err(missing("there is no shell for a guest"));
        }
        Ok(Self {
            kernel: root.join(format!("boot/vmlinuz-{version}")),
            modules: root.join("lib/modules").join(version),
            root,
            busybox,
        })
    }

    /// What the guest's shell runs.
    fn command_line(&self, program: &Path, variables: &[(&str, String)]) -> String {
        let quoted_text = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
        let quoted = |path: &Path| quoted_text(&path.to_string_lossy());
        let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        let more: String = variables
            .iter()
            .map(|(name, value)| format!(" {name}={}", quoted_text(value)))
            .collect();
        format!(
            "export PATH={path} HOME=/tmp{more}\nexec {} {}\n",
            quoted(program),
            quoted(&self.root)
        )
    }

    fn qemu(&self, folder: &Path, initramfs: &Path) -> Command {
        let path = |name: &str| folder.join(name).to_string_lossy().into_owned();
        let socket = |name: &str| format!("path={},server=on,wait=off", path(name));
        let log = fs::File::create(folder.join("qemu.log"));
        let mut command = Command::new(QEMU);
        command
            .args(["-machine", "q35", "-cpu", "max", "-smp", "2", "-m", "1024"])
            .args(["-accel", accelerator()])
            .args(["-nodefaults", "-no-user-config", "-no-reboot"])
            .args(["-display", "none"])
            .arg("-kernel")
            .arg(&self.kernel)
            .arg("-initrd")
            .arg(initramfs)
            .arg("-append")
            // Under load the emulated timer may look broken to the kernel.
            .arg("console=ttyS0 quiet panic=-1 no_timer_check tsc=reliable")
            .args(["-serial", &format!("file:{}", path("console.log"))])
            .args([
                "-qmp",
                &format!("unix:{},server=on,wait=off", path("monitor")),
            ])
            .args([
                "-virtfs",
                "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap",
            ])
            .args(["-device", "virtio-serial-pci"])
            .args(["-chardev", &format!("socket,id=line,{}", socket("line"))])
            .args([
                "-device",
                &format!("virtserialport,chardev=line,name={LINE}"),
            ])
            .args(bench::devices(&path("card")))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log.map_or_else(|_| Stdio::null(), Stdio::from));
        command
    }
}

/// The processor's own help where it offers any. Whoever may open `/dev/kvm` cannot
/// use it yet: a guest of some hosts finds it there and hangs in it.
fn accelerator() -> &'static str {
    let may_open = fs::File::options().read(true).write(true).open("/dev/kvm");
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    if may_open.is_ok() && can_virtualise(&processor) {
        "kvm"
    } else {
        "tcg"
    }
}

fn can_virtualise(processor: &str) -> bool {
    let mut flags = processor.lines().filter(|line| line.starts_with("flags"));
    flags.any(|line| {
        line.split_whitespace()
            .any(|flag| ["vmx", "svm"].contains(&flag))
    })
}

/// Connects to a socket that QEMU is about to open.
fn dial(socket: &Path, qemu: &mut Child) -> Result<UnixStream, String> {
    let deadline = Instant::now() + DIAL_MAX;
    loop {
        match UnixStream::connect(socket) {
            Ok(line) => return Ok(line),
            Err(error) if Instant::now() > deadline => {
                return Err(format!("QEMU opens no socket: {error}"));
            }
            Err(_) => {}
        }
        if let Ok(Some(status)) = qemu.try_wait() {
            return Err(format!("QEMU ended at once ({status})"));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Says that a test did not run, past the capture of the test harness.
///
/// # Panics
/// If `LIKENESS_REQUIRE_GUEST` is `1`.
pub fn skip(reason: &str) {
    let required = std::env::var_os("LIKENESS_REQUIRE_GUEST").is_some_and(|value| value == "1");
    assert!(!required, "LIKENESS_REQUIRE_GUEST=1, but {reason}");
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    drop(writeln!(io::stderr(), "SKIPPED {test}: {reason}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_processor_that_says_so_helps() {
        assert!(can_virtualise("model name : X\nflags\t\t: fpu vmx sse\n"));
        assert!(can_virtualise("flags : svm\n"));
        assert!(!can_virtualise("flags : fpu sse\nvmx flags : vnmi\n"));
        assert!(!can_virtualise(""));
    }

    #[test]
    fn paths_with_blanks_and_quotes_reach_the_guest() {
        let kit = Kit {
            root: "/a b".into(),
            kernel: PathBuf::new(),
            modules: PathBuf::new(),
            busybox: PathBuf::new(),
        };
        let line = kit.command_line(Path::new("/it's"), &[("SAYS", "a b".to_owned())]);
        let expected = "HOME=/tmp SAYS='a b'\nexec '/it'\\''s' '/a b'\n";
        assert!(line.ends_with(expected), "{line}");
    }
}
