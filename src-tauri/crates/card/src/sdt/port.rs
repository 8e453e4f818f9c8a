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
pub(super) fn open(port: &str, baud: u32) -> io::Result<Box<dyn ByteLink>> {
    let port = serialport::new(port, baud).timeout(WRITE_MAX).open()?;
    port.clear(ClearBuffer::All)?;
    Ok(Box::new(SerialLink { port }))
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
