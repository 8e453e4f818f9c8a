//! The guest machine of the tests: a kernel with the drivers of USB readers, and a shell.
//!
//! Both are packages of Debian, unpacked into `target/guest` and not installed: the
//! machine that runs the tests keeps its own kernel and shell.

use crate::step::{run_and_show, timed};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The shell that makes the host's root the guest's.
const SHELL: &str = "busybox-static";

/// Fetches what is not there yet. An archive without such a kernel (Ubuntu's) is told
/// of and no error: the guest's tests then say that they are skipped.
pub(crate) fn fetch(root: &Path) -> Result<(), String> {
    timed("guest machine", || {
        if is_there(root) {
            println!("    kernel and shell are there");
            return Ok(());
        }
        let Some(kernel) = newest_kernel(&known_packages()) else {
            println!(
                "!!! no Linux 6.1 of Debian in the package lists: without it no USB driver is tested"
            );
            return Ok(());
        };
        let folder = guest(root);
        unpack(SHELL, &folder.join("busybox"), |_| Ok(()))?;
        unpack(&kernel, &folder.join("kernel"), |unpacked| {
            list_drivers(unpacked, &kernel)
        })
    })
}

/// Whether the tests can have their guest.
pub(crate) fn is_there(root: &Path) -> bool {
    ["busybox", "kernel"]
        .iter()
        .all(|part| guest(root).join(part).exists())
}

fn guest(root: &Path) -> PathBuf {
    root.join("target/guest")
}

fn known_packages() -> String {
    let output = Command::new("apt-cache")
        .args(["pkgnames", "linux-image-6.1.0-"])
        .stdin(Stdio::null())
        .output();
    output.map_or_else(
        |_| String::new(),
        |output| String::from_utf8_lossy(&output.stdout).into_owned(),
    )
}

/// Of `linux-image-6.1.0-56-amd64` and the like the one with the highest number; those
/// for clouds have no USB, those for real time are another kernel.
fn newest_kernel(names: &str) -> Option<String> {
    let number = |name: &str| -> Option<u32> {
        let rest = name.trim().strip_prefix("linux-image-6.1.0-")?;
        rest.strip_suffix("-amd64")?.parse().ok()
    };
    let newest = names.lines().max_by_key(|name| number(name))?;
    number(newest).map(|_| newest.trim().to_owned())
}

/// Downloads a package and unpacks it into a folder, which is there only when it is whole.
fn unpack(
    package: &str,
    folder: &Path,
    finish: impl FnOnce(&Path) -> Result<(), String>,
) -> Result<(), String> {
    if folder.exists() {
        return Ok(());
    }
    let told = |error: std::io::Error| format!("{}: {error}", folder.display());
    let unfinished = folder.with_extension("unfinished");
    drop(fs::remove_dir_all(&unfinished));
    fs::create_dir_all(&unfinished).map_err(told)?;
    let mut download = Command::new("apt-get");
    download
        .current_dir(&unfinished)
        .args(["download", package])
        .stdin(Stdio::null());
    run_and_show(&mut download)?;
    let mut files = fs::read_dir(&unfinished)
        .map_err(told)?
        .filter_map(Result::ok);
    let archive = files
        .next()
        .ok_or_else(|| format!("{package} is not there"))?;
    run_and_show(
        Command::new("dpkg")
            .arg("-x")
            .arg(archive.path())
            .arg(&unfinished),
    )?;
    fs::remove_file(archive.path()).map_err(told)?;
    finish(&unfinished)?;
    fs::rename(&unfinished, folder).map_err(told)
}

/// Which driver needs which: the package's own installation would write it.
fn list_drivers(unpacked: &Path, kernel: &str) -> Result<(), String> {
    let version = kernel.trim_start_matches("linux-image-");
    let mut list = Command::new("/sbin/depmod");
    list.arg("-b").arg(unpacked).arg(version);
    run_and_show(&mut list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_ordinary_kernel_is_taken() {
        let names = "linux-image-6.1.0-9-amd64\nlinux-image-6.1.0-56-amd64\n\
                     linux-image-6.1.0-57-cloud-amd64\nlinux-image-6.1.0-58-rt-amd64\n\
                     linux-image-6.1.0-59-amd64-unsigned\nlinux-image-6.1.0-47-amd64\n";
        let newest = newest_kernel(names);
        assert_eq!(newest.as_deref(), Some("linux-image-6.1.0-56-amd64"));
        assert_eq!(newest_kernel(""), None);
        assert_eq!(newest_kernel("linux-image-6.1.0-57-cloud-amd64\n"), None);
    }
}
