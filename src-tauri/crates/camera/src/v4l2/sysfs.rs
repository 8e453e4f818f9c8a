//! Which cameras are connected, and which is which.

use booth::{Device, Nature};
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use v4l::capability::{Capabilities, Flags};

const CLASS: &str = "/sys/class/video4linux";
/// Drivers that imitate a camera.
const VIRTUAL: [&str; 4] = ["vivid", "v4l2 loopback", "v4l2loopback", "vimc"];

/// A camera that is connected now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listed {
    /// Its node, e.g. `/dev/video0`.
    pub node: PathBuf,
    /// What the driver calls it.
    pub name: String,
    /// The device as a record names it.
    pub device: Device,
    /// Serial number of the USB device, if it has one.
    pub serial: Option<String>,
    /// Vendor and product of the USB device, e.g. `046d:0825`.
    pub vid_pid: Option<String>,
}

impl Listed {
    /// Whether the operator can have meant this one.
    pub(super) fn answers_to(&self, wanted: &str) -> bool {
        self.node.as_os_str() == wanted
            || self.serial.as_deref() == Some(wanted)
            || self.vid_pid.as_deref() == Some(wanted)
    }

    /// Whether this is the device that was opened before. One with a serial number
    /// may have moved to another socket; one without may not.
    pub(super) fn is_same_device(&self, known: &Self) -> bool {
        let same = self.vid_pid == known.vid_pid && self.serial == known.serial;
        same && (known.serial.is_some()
            || (self.device.bus == known.device.bus && self.name == known.name))
    }
}

pub(super) fn list() -> Vec<Listed> {
    let mut numbers: Vec<u32> = fs::read_dir(CLASS)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| name.strip_prefix("video")?.parse().ok())
        .collect();
    numbers.sort_unstable();
    numbers.into_iter().filter_map(look_at).collect()
}

fn look_at(number: u32) -> Option<Listed> {
    let about = Path::new(CLASS).join(format!("video{number}"));
    // A camera's further nodes carry metadata, or the same picture again.
    if attribute(&about.join("index")).is_some_and(|index| index != "0") {
        return None;
    }
    let node = PathBuf::from(format!("/dev/video{number}"));
    let caps = capabilities(&node)?;
    if !caps
        .capabilities
        .contains(Flags::VIDEO_CAPTURE | Flags::STREAMING)
    {
        return None;
    }
    let name = attribute(&about.join("name")).unwrap_or_else(|| caps.card.clone());
    // The video node hangs below an interface, the interface below its USB device.
    let usb = about.join("device").join("..");
    let serial = attribute(&usb.join("serial"));
    let vid_pid = attribute(&usb.join("idVendor"))
        .zip(attribute(&usb.join("idProduct")))
        .map(|(vendor, product)| format!("{vendor}:{product}"));
    // Outside of USB a `serial` further up belongs to something else.
    let serial = serial.filter(|_| vid_pid.is_some());
    let identity = match (&vid_pid, &serial) {
        (Some(vid_pid), Some(serial)) => format!("{vid_pid} {serial}"),
        (Some(vid_pid), None) => format!("{vid_pid} {name}"),
        (None, _) => name.clone(),
    };
    let imitates = VIRTUAL.contains(&caps.driver.as_str());
    Some(Listed {
        node,
        name,
        device: Device {
            driver: "v4l2".to_owned(),
            bus: caps.bus,
            identity,
            nature: if imitates {
                Nature::Virtual
            } else {
                Nature::Physical
            },
        },
        serial,
        vid_pid,
    })
}

/// `v4l` panics on a driver whose names are not UTF-8; such a node is left out.
fn capabilities(node: &Path) -> Option<Capabilities> {
    let asked = catch_unwind(|| v4l::Device::with_path(node).and_then(|node| node.query_caps()));
    match asked.ok()? {
        Ok(caps) => Some(caps),
        Err(error) => {
            tracing::debug!(%error, "a video node could not be asked what it is");
            None
        }
    }
}

fn attribute(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn camera(node: &str, bus: &str, serial: Option<&str>) -> Listed {
        Listed {
            node: PathBuf::from(node),
            name: "Booth Camera".to_owned(),
            device: Device {
                driver: "v4l2".to_owned(),
                bus: bus.to_owned(),
                identity: String::new(),
                nature: Nature::Physical,
            },
            serial: serial.map(str::to_owned),
            vid_pid: Some("1209:ca01".to_owned()),
        }
    }

    #[test]
    fn a_camera_is_called_by_serial_product_or_node() {
        let one = camera("/dev/video2", "usb-1", Some("CAM-0001"));
        assert!(one.answers_to("CAM-0001"));
        assert!(one.answers_to("1209:ca01"));
        assert!(one.answers_to("/dev/video2"));
        assert!(!one.answers_to("CAM-0002"));
        assert!(!one.answers_to("/dev/video0"));
    }

    #[test]
    fn a_serial_number_moves_with_its_camera() {
        let known = camera("/dev/video0", "usb-1", Some("CAM-0001"));
        assert!(camera("/dev/video2", "usb-3", Some("CAM-0001")).is_same_device(&known));
        assert!(!camera("/dev/video0", "usb-1", Some("CAM-0002")).is_same_device(&known));
        assert!(!camera("/dev/video0", "usb-1", None).is_same_device(&known));
    }

    #[test]
    fn without_a_serial_number_the_socket_counts() {
        let known = camera("/dev/video0", "usb-1", None);
        assert!(camera("/dev/video4", "usb-1", None).is_same_device(&known));
        assert!(!camera("/dev/video0", "usb-2", None).is_same_device(&known));
    }
}
