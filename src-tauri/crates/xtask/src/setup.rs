//! Set-up: what the build and the tests need from the system.

use crate::step::{run_and_show, timed};
use std::process::{Command, Stdio};

/// A package of Debian and Ubuntu, and why it is needed.
struct Package {
    name: &'static str,
    why: &'static str,
    from: Need,
}

/// What is to be done; each needs what those before it need.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Need {
    /// The command line.
    CommandLine,
    /// The program with its window.
    Window,
    /// All tests.
    Tests,
}

const PACKAGES: &[Package] = &[
    Package {
        name: "build-essential",
        why: "the C compiler for SQLite, and the linker",
        from: Need::CommandLine,
    },
    Package {
        name: "pkg-config",
        why: "finds the smart-card library",
        from: Need::CommandLine,
    },
    Package {
        name: "libpcsclite-dev",
        why: "the smart-card library",
        from: Need::CommandLine,
    },
    Package {
        name: "libclang-dev",
        why: "reads the kernel's video headers at build time",
        from: Need::CommandLine,
    },
    Package {
        name: "pcscd",
        why: "the real smart-card service, for the tests",
        from: Need::Tests,
    },
    Package {
        name: "vsmartcard-vpcd",
        why: "a virtual reader for that service, for the tests",
        from: Need::Tests,
    },
    Package {
        name: "iproute2",
        why: "a network for each test of that service",
        from: Need::Tests,
    },
    Package {
        name: "libwebkit2gtk-4.1-dev",
        why: "the window",
        from: Need::Window,
    },
    Package {
        name: "fonts-noto-cjk",
        why: "Chinese letters in the window",
        from: Need::Window,
    },
    Package {
        name: "xvfb",
        why: "a screen for the window's tests",
        from: Need::Tests,
    },
    Package {
        name: "dbus-x11",
        why: "a session bus for the window's tests",
        from: Need::Tests,
    },
    Package {
        name: "webkit2gtk-driver",
        why: "presses keys in the window's tests",
        from: Need::Tests,
    },
    Package {
        name: "libccid",
        why: "the driver of USB readers, for the tests",
        from: Need::Tests,
    },
    Package {
        name: "qemu-system-x86",
        why: "a machine with a USB reader, for the tests",
        from: Need::Tests,
    },
    Package {
        name: "udev",
        why: "tells that machine of plugs that are pulled",
        from: Need::Tests,
    },
    Package {
        name: "kmod",
        why: "loads that machine's drivers",
        from: Need::Tests,
    },
    Package {
        name: "procps",
        why: "ends the program in the window's tests",
        from: Need::Tests,
    },
];

/// Installs what is missing; does nothing, quickly, when nothing is.
pub(crate) fn install_missing(need: Need) -> Result<(), String> {
    timed("set-up", || {
        add_rust_components()?;
        if !is_runnable("dpkg-query", &["--version"]) || !is_runnable("apt-get", &["--version"]) {
            return Err(without_apt());
        }
        let missing: Vec<&Package> = PACKAGES
            .iter()
            .filter(|package| package.from <= need && !is_installed(package.name))
            .collect();
        if need >= Need::Window {
            check_node()?;
        }
        if missing.is_empty() {
            println!("    all packages are there");
            return Ok(());
        }
        for package in &missing {
            println!("    missing: {:18} {}", package.name, package.why);
        }
        install(&missing)
    })
}

/// Node builds the window. Debian's own is too old for its tools, so it is not installed
/// here but asked for.
fn check_node() -> Result<(), String> {
    let output = Command::new("node")
        .arg("--version")
        .stdin(Stdio::null())
        .output();
    let said = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let version = said.unwrap_or_default();
    if is_new_enough(&version) && is_runnable("npm", &["--version"]) {
        return Ok(());
    }
    let found = if version.is_empty() {
        "there is none".to_owned()
    } else {
        format!("this is {version}")
    };
    Err(format!(
        "the window is built with Node 20.19 or newer, and {found}. Install it (nodejs.org, or your \
         system's package of that version) and try again"
    ))
}

/// Of `v20.19.0` and the like.
fn is_new_enough(version: &str) -> bool {
    let mut numbers = version
        .trim_start_matches('v')
        .split('.')
        .map(str::parse::<u32>);
    let (Some(Ok(major)), Some(Ok(minor))) = (numbers.next(), numbers.next()) else {
        return false;
    };
    (major, minor) >= (20, 19)
}

/// The minimal profile of rustup, which container images use, has neither.
fn add_rust_components() -> Result<(), String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let missing: Vec<&str> = [("fmt", "rustfmt"), ("clippy", "clippy")]
        .into_iter()
        .filter(|(command, _)| !is_runnable(&cargo, &[command, "--version"]))
        .map(|(_, component)| component)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("    missing: {} (components of Rust)", missing.join(", "));
    let mut add = Command::new("rustup");
    add.args(["component", "add"])
        .args(&missing)
        .stdin(Stdio::null());
    run_and_show(&mut add).map_err(|complaint| {
        format!(
            "{complaint}\nAdd the Rust components {} by hand.",
            missing.join(" and ")
        )
    })
}

fn install(missing: &[&Package]) -> Result<(), String> {
    if !is_root() && !is_runnable("sudo", &["--version"]) {
        return Err(format!(
            "packages are missing, and this is neither root nor is there sudo. As root:\n  {}",
            by_hand(missing)
        ));
    }
    // A mirror that cannot be reached is no reason to stop: the lists that are
    // already there may do, and if they do not, the installation says so.
    if let Err(complaint) = run_and_show(apt().arg("update")) {
        println!("    {complaint}; going on with the package lists that are there");
    }
    let names = missing.iter().map(|package| package.name);
    run_and_show(apt().args(["install", "-y", "--no-install-recommends"]).args(names)).map_err(|complaint| {
        format!(
            "{complaint}\nIs there a network? Does another apt hold the lock? On Ubuntu the virtual \
             reader is in `universe` (add-apt-repository universe). Then again, or by hand:\n  {}",
            by_hand(missing)
        )
    })
}

/// `apt-get` as root, asking nothing, and waiting two minutes for another apt.
fn apt() -> Command {
    const WAIT: [&str; 2] = ["-o", "DPkg::Lock::Timeout=120"];
    let mut command = if is_root() {
        Command::new("env")
    } else {
        let mut sudo = Command::new("sudo");
        // sudo drops the environment; env gives it back on the other side.
        sudo.arg("env");
        sudo
    };
    command
        .args(["DEBIAN_FRONTEND=noninteractive", "apt-get"])
        .args(WAIT);
    command.stdin(Stdio::null());
    command
}

fn by_hand(missing: &[&Package]) -> String {
    let names: Vec<&str> = missing.iter().map(|package| package.name).collect();
    format!(
        "apt-get install -y --no-install-recommends {}",
        names.join(" ")
    )
}

fn without_apt() -> String {
    let wanted: Vec<String> = PACKAGES
        .iter()
        .map(|package| format!("  {:18} {}", package.name, package.why))
        .collect();
    format!(
        "this system has no apt-get, so nothing was installed. Install what these Debian packages \
         hold under the names of your system, then use cargo directly:\n{}",
        wanted.join("\n")
    )
}

fn is_installed(package: &str) -> bool {
    Command::new("dpkg-query")
        .args(["-W", "-f", "${db:Status-Status}", package])
        .output()
        .is_ok_and(|output| output.status.success() && output.stdout == b"installed")
}

fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn is_runnable(program: &str, words: &[&str]) -> bool {
    Command::new(program)
        .args(words)
        .stdin(Stdio::null())
        .output()
        .is_ok_and(|output| output.status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_nobody_has_is_not_installed() {
        assert!(!is_installed("likeness-no-such-package"));
    }

    #[test]
    fn an_old_node_is_not_taken() {
        assert!(is_new_enough("v20.19.0") && is_new_enough("v22.1.0"));
        assert!(!is_new_enough("v18.20.4") && !is_new_enough("v20.18.9"));
        assert!(!is_new_enough("") && !is_new_enough("v20"));
    }

    #[test]
    fn a_system_without_apt_is_told_every_package() {
        let told = without_apt();
        assert!(
            PACKAGES.iter().all(|package| told.contains(package.name)),
            "{told}"
        );
    }
}
