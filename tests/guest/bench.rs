//! The host's side of the reader: its plug and what lies on it.

use super::monitor::Monitor;
use super::wish::{Answer, Wish};
use simulator::vscard::Slot;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// The device of the reader, and that of the place on it.
const READER: &str = "reader";
const PLACE: &str = "place";

/// How QEMU is told of the reader at its start: plugged in, with a place on it whose
/// card is at the other end of `socket`.
pub(super) fn devices(socket: &str) -> Vec<String> {
    let words = [
        "-device",
        "qemu-xhci,id=usb",
        "-device",
        // Without a serial number of its own the name would change with each replug.
        &format!("usb-ccid,id={READER},bus=usb.0,port=1,serial=LIKENESS1"),
        "-chardev",
        &format!("socket,id=card,path={socket},server=on,wait=off"),
        "-device",
        &format!("ccid-card-passthru,id={PLACE},bus={READER}.0,chardev=card"),
    ];
    words.map(str::to_owned).to_vec()
}

/// Reader and card.
pub(super) struct Bench {
    slot: Slot,
    monitor: Mutex<Monitor>,
}

impl Bench {
    pub(super) fn new(slot: Slot, monitor: Monitor) -> Self {
        Self {
            slot,
            monitor: Mutex::new(monitor),
        }
    }

    /// Does what the guest asks for.
    pub(super) fn grant(self: &Arc<Self>, wish: Wish) -> Answer {
        let told = |error: std::io::Error| error.to_string();
        match wish {
            Wish::Insert(plan) => self.slot.insert(plan.card()).map_err(told),
            Wish::Remove => self.slot.remove().map_err(told),
            Wish::Swap { gap_ms, next } => {
                let next = super::wish::Plan::of(next).card();
                let gap = Duration::from_millis(gap_ms);
                self.slot.swap(next, gap).map_err(told)
            }
            Wish::Unplug => self.unplug(),
            Wish::Replug => self.replug(),
            Wish::Later { after_ms, wish } => {
                let bench = Arc::clone(self);
                thread::spawn(move || {
                    thread::sleep(Duration::from_millis(after_ms));
                    // The guest sees by itself whether it happened.
                    drop(bench.grant(*wish));
                });
                Ok(())
            }
            Wish::Tidy => {
                // Refused when it is plugged in already.
                drop(self.replug());
                self.slot.remove().map_err(told)
            }
            Wish::Note(_) | Wish::End => Ok(()),
        }
    }

    fn ask(&self, command: &str, arguments: &serde_json::Value) -> Answer {
        let mut monitor = self.monitor.lock().unwrap_or_else(PoisonError::into_inner);
        monitor.ask(command, arguments)
    }

    fn unplug(&self) -> Answer {
        self.ask("device_del", &serde_json::json!({ "id": READER }))
    }

    fn replug(&self) -> Answer {
        let reader = serde_json::json!({
            "driver": "usb-ccid", "id": READER, "bus": "usb.0", "port": "1", "serial": "LIKENESS1",
        });
        let place = serde_json::json!({
            "driver": "ccid-card-passthru", "id": PLACE, "bus": format!("{READER}.0"), "chardev": "card",
        });
        self.ask("device_add", &reader)?;
        // The old place lets go of the line a moment after it is gone.
        let deadline = Instant::now() + Duration::from_secs(1);
        while let Err(complaint) = self.ask("device_add", &place) {
            if Instant::now() > deadline {
                return Err(complaint);
            }
            thread::sleep(Duration::from_millis(5));
        }
        self.slot.greet().map_err(|error| error.to_string())
    }
}
