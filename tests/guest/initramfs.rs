//! What the guest's kernel boots from: a shell, a few drivers and the first process.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// What the first process runs; see there.
const INIT: &str = include_str!("init.sh");
/// The drivers without which the guest cannot see the host's root.
const MODULES: [&str; 4] = ["virtio_pci", "9pnet_virtio", "9p", "overlay"];
/// The commands of busybox that `INIT` uses.
const COMMANDS: [&str; 10] = [
    "cat", "chroot", "cut", "echo", "insmod", "mkdir", "mount", "sh", "sleep", "timeout",
];
const FOLDERS: [&str; 9] = [
    "bin", "dev", "host", "memory", "modules", "proc", "sys", "tmp", "whole",
];

/// Packs an initramfs whose first process hands `script` to the shell of the host's root.
///
/// # Errors
/// Says which file is missing or what has an unexpected form.
pub(super) fn pack(busybox: &Path, modules: &Path, script: &str) -> Result<Vec<u8>, String> {
    let mut archive = Archive::default();
    for folder in FOLDERS {
        archive.add(folder, FOLDER, &[]);
    }
    archive.add("init", PROGRAM, INIT.as_bytes());
    archive.add("program", PLAIN, script.as_bytes());
    archive.add("bin/busybox", PROGRAM, &read(busybox)?);
    for command in COMMANDS {
        archive.add(&format!("bin/{command}"), LINK, b"busybox");
    }
    let text = |name: &str| {
        let bytes = read(&modules.join(name))?;
        String::from_utf8(bytes).map_err(|_| format!("{name} is no text"))
    };
    let files = in_order(&text("modules.dep")?, &text("modules.builtin")?)?;
    let mut order = String::new();
    for file in files {
        let name = file.rsplit('/').next().unwrap_or(&file);
        archive.add(
            &format!("modules/{name}"),
            PLAIN,
            &read(&modules.join(&file))?,
        );
        order.push_str(name);
        order.push('\n');
    }
    archive.add("modules/order", PLAIN, order.as_bytes());
    Ok(archive.close())
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// The files of [`MODULES`], each after those that it needs.
fn in_order(dependencies: &str, built_in: &str) -> Result<Vec<String>, String> {
    let mut files = Vec::new();
    let mut known = BTreeSet::new();
    for module in MODULES {
        let ending = format!("/{module}.ko");
        if built_in.lines().any(|file| file.ends_with(&ending)) {
            continue;
        }
        let mut lines = dependencies.lines().filter_map(|line| line.split_once(':'));
        let (file, needs) = lines
            .find(|(file, _)| file.ends_with(&ending))
            .ok_or_else(|| format!("the kernel has no driver {module}, or a compressed one"))?;
        // The nearest need stands first.
        for file in needs.split_whitespace().rev().chain([file]) {
            if known.insert(file.to_owned()) {
                files.push(file.to_owned());
            }
        }
    }
    Ok(files)
}

// --- the format ---------------------------------------------------------------------

const FOLDER: u32 = 0o040_755;
const PROGRAM: u32 = 0o100_755;
const PLAIN: u32 = 0o100_644;
const LINK: u32 = 0o120_777;

/// A cpio archive of the kind "newc" (`Documentation/driver-api/early-userspace` of the
/// kernel): for each file a head of hexadecimal numbers, its name and its bytes, both
/// filled up to four bytes.
#[derive(Default)]
struct Archive {
    bytes: Vec<u8>,
    files: usize,
}

impl Archive {
    fn add(&mut self, name: &str, mode: u32, body: &[u8]) {
        self.files += 1;
        let (number, mode) = (self.files, mode as usize);
        let name_bytes = name.len() + 1;
        // Number, mode, owner, group, links, time, size, four device numbers, length
        // of the name, checksum (unused).
        let head = [
            number,
            mode,
            0,
            0,
            1,
            0,
            body.len(),
            0,
            0,
            0,
            0,
            name_bytes,
            0,
        ];
        self.bytes.extend(b"070701");
        for field in head {
            self.bytes.extend(format!("{field:08X}").bytes());
        }
        self.bytes.extend(name.bytes().chain([0]));
        self.fill();
        self.bytes.extend(body);
        self.fill();
    }

    fn fill(&mut self) {
        let whole = self.bytes.len().next_multiple_of(4);
        self.bytes.resize(whole, 0);
    }

    fn close(mut self) -> Vec<u8> {
        self.add("TRAILER!!!", 0, &[]);
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drivers_come_after_what_they_need_and_once() {
        let dependencies = "\
            kernel/fs/9p/9p.ko: kernel/fs/netfs/netfs.ko kernel/net/9p/9pnet.ko\n\
            kernel/net/9p/9pnet_virtio.ko: kernel/net/9p/9pnet.ko kernel/drivers/virtio/virtio.ko\n\
            kernel/fs/overlayfs/overlay.ko:\n";
        let files = in_order(dependencies, "kernel/drivers/virtio/virtio_pci.ko\n").unwrap();
        let names: Vec<_> = files
            .iter()
            .map(|file| file.rsplit('/').next().unwrap())
            .collect();
        assert_eq!(
            names,
            [
                "virtio.ko",
                "9pnet.ko",
                "9pnet_virtio.ko",
                "netfs.ko",
                "9p.ko",
                "overlay.ko"
            ]
        );
        let complaint = in_order("", "").unwrap_err();
        assert!(complaint.contains("virtio_pci"), "{complaint}");
    }

    #[test]
    fn an_archive_is_as_the_kernel_wants_it() {
        let mut archive = Archive::default();
        archive.add("bin/sh", LINK, b"busybox");
        let bytes = archive.close();
        assert!(bytes.len().is_multiple_of(4));
        let text = String::from_utf8_lossy(&bytes);
        let head = "070701\
            00000001\
            0000A1FF\
            00000000\
            00000000\
            00000001\
            00000000\
            00000007\
            00000000\
            00000000\
            00000000\
            00000000\
            00000007\
            00000000bin/sh\0";
        assert!(text.starts_with(head), "{text}");
        // 110 + 7 bytes of head and name, 3 to fill up.
        assert_eq!(&bytes[117..128], b"\0\0\0busybox\0");
        assert!(text.trim_end_matches('\0').ends_with("TRAILER!!!"));
    }
}
