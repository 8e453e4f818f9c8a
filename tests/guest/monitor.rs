//! QEMU's monitor: one line of JSON a command, its answer among events.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;

pub(super) struct Monitor {
    line: BufReader<UnixStream>,
}

impl Monitor {
    /// Greets the monitor at the other end of this line.
    pub(super) fn new(line: UnixStream) -> Result<Self, String> {
        let mut monitor = Self {
            line: BufReader::new(line),
        };
        monitor.ask("qmp_capabilities", &json!({}))?;
        Ok(monitor)
    }

    /// Carries a command out.
    ///
    /// # Errors
    /// QEMU's own words, or that it is gone.
    pub(super) fn ask(&mut self, command: &str, arguments: &Value) -> Result<(), String> {
        let told = json!({ "execute": command, "arguments": arguments });
        writeln!(self.line.get_mut(), "{told}").map_err(|error| error.to_string())?;
        loop {
            let mut text = String::new();
            let read = self.line.read_line(&mut text);
            if read.map_err(|error| error.to_string())? == 0 {
                return Err("the machine ended".to_owned());
            }
            let said: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
            if said.get("return").is_some() {
                return Ok(());
            }
            if let Some(error) = said.get("error") {
                return Err(format!("{command}: {error}"));
            }
        }
    }
}
