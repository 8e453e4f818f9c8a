//! Serial ports: which there are, and one of them as a [`ByteLink`].

use super::line::ByteLink;
use booth::Nature;
use serialport::{ClearBuffer, SerialPort, SerialPortType};
use std::io::{self, Read, Write};
use std::panic::catch_unwind;
use std::path::Path;
use std::time::Duration;

/// A write that the port does not take in this time has failed.
const WRITE_MAX: Duration = Duration::from_millis(500);

/// A serial port of this machine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListedPort {
    /// What it is opened by: `/dev/ttyUSB0`, `COM3`.
    pub port: String,
    /// The product behind it where the system tells one, else the port.
    pub name: String,
}

/// The serial ports that are connected now. None is opened: what hangs on them need
/// not be a reader, and opening wakes some devices up.
#[must_use]
pub fn list() -> Vec<ListedPort> {
    // The library panics where the system has no list of terminals.
    let found = catch_unwind(serialport::available_ports);
    let found = found.ok().and_then(Result::ok).unwrap_or_default();
    let found = found
        .into_iter()
        .filter(|info| !is_phantom(&info.port_name));
    let ports = found.filter_map(|info| {
        let product = match info.port_type {
            SerialPortType::BluetoothPort => return None,
            SerialPortType::UsbPort(usb) => usb.product,
            SerialPortType::PciPort | SerialPortType::Unknown => None,
        };
        let name = match product {
            Some(product) => format!("{product} ({})", info.port_name),
            None => info.port_name.clone(),
        };
        Some(ListedPort {
            port: info.port_name,
            name,
        })
    });
    ports.collect()
}

/// Linux keeps names for serial ports that the machine may have and has not: their type
/// is 0, unknown.
fn is_phantom(port: &str) -> bool {
    let name = Path::new(port).file_name().unwrap_or_default();
    let file = Path::new("/sys/class/tty").join(name).join("type");
    std::fs::read_to_string(file).is_ok_and(|told| told.trim() == "0")
}

/// What stands behind a port: a pseudo-terminal is a program and no thing.
pub(super) fn nature(port: &str) -> Nature {
    let real = Path::new(port).canonicalize();
    let is_program = real.is_ok_and(|path| path.starts_with("/dev/pts"));
    if is_program {
        Nature::Virtual
    } else {
        Nature::Physical
    }
}

/// Opens a port for us alone: no other program's question comes between.
///
/// # Errors
/// `ResourceBusy` when another program holds it, `PermissionDenied` when we may not.
pub(super) fn open(port: &str, baud: u32) -> io::Result<Box<dyn ByteLink>> {
    let opened = serialport::new(port, baud).timeout(WRITE_MAX).open();
    let port = opened.map_err(|error| why(error, is_there(port)))?;
    port.clear(ClearBuffer::All)?;
    Ok(Box::new(SerialLink { port }))
}

/// The library says "no device" of a port that is held as of one that is missing.
fn why(error: serialport::Error, is_there: bool) -> io::Error {
    match error.kind {
        serialport::ErrorKind::NoDevice if is_there => {
            io::Error::new(io::ErrorKind::ResourceBusy, error)
        }
        serialport::ErrorKind::NoDevice
        | serialport::ErrorKind::InvalidInput
        | serialport::ErrorKind::Unknown
        | serialport::ErrorKind::Io(_) => error.into(),
    }
}

/// Whether there is such a port, held or not.
fn is_there(port: &str) -> bool {
    let listed = || {
        let found = catch_unwind(serialport::available_ports);
        let mut found = found.ok().and_then(Result::ok).into_iter().flatten();
        found.any(|info| info.port_name.eq_ignore_ascii_case(port))
    };
    if cfg!(windows) {
        listed()
    } else {
        Path::new(port).exists()
    }
}

struct SerialLink {
    port: Box<dyn SerialPort>,
}

impl ByteLink for SerialLink {
    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.port.set_timeout(WRITE_MAX)?;
        self.port.write_all(bytes)
    }

    fn receive(&mut self, room: &mut [u8], wait: Duration) -> io::Result<usize> {
        self.port.set_timeout(wait)?;
        match self.port.read(room) {
            Ok(0) => Err(io::ErrorKind::BrokenPipe.into()),
            Ok(got) => Ok(got),
            Err(error) if is_nothing_yet(error.kind()) => Ok(0),
            Err(error) => Err(error),
        }
    }
}

fn is_nothing_yet(kind: io::ErrorKind) -> bool {
    matches!(
        kind,
        io::ErrorKind::TimedOut | io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serialport::{Error, ErrorKind};

    #[test]
    fn a_port_that_is_held_is_told_from_one_that_is_missing() {
        let kind = |kind, is_there| why(Error::new(kind, ""), is_there).kind();
        assert_eq!(kind(ErrorKind::NoDevice, true), io::ErrorKind::ResourceBusy);
        assert_eq!(kind(ErrorKind::NoDevice, false), io::ErrorKind::NotFound);
        let denied = ErrorKind::Io(io::ErrorKind::PermissionDenied);
        assert_eq!(kind(denied, true), io::ErrorKind::PermissionDenied);
    }
}
