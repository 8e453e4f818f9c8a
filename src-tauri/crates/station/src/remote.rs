//! 遥控键: the key of a remote trigger. Presenters and foot pedals are keyboards; which
//! keys can be one is decided here, whether a hand teaches it or a file holds it.
//!
//! In the booth it does what Space does and nothing else. So a key that means something
//! of its own there cannot be one, and neither can what scanners type all day.

use crate::error::StationError;
use serde::{Deserialize, Serialize};
#[cfg(test)]
use ts_rs::TS;

/// Names of keys and of their places are no longer.
const NAME_MAX: usize = 32;

/// The key that exposes anyway.
const SPACE: &str = " ";

/// Keys that mean something at the booth; the digits do as well, and are typed besides.
const OWN: [&str; 18] = [
    "Enter",
    "Escape",
    "r",
    "R",
    "z",
    "Z",
    "b",
    "B",
    "ArrowLeft",
    "ArrowRight",
    "F1",
    "F2",
    "?",
    "？",
    "+",
    "=",
    "-",
    "_",
];

/// Keys that the window needs, that change others, or that have no name of their own.
const SYSTEM: [&str; 15] = [
    "Tab",
    "Shift",
    "Control",
    "Alt",
    "AltGraph",
    "Meta",
    "CapsLock",
    "NumLock",
    "ScrollLock",
    "Fn",
    "ContextMenu",
    "Compose",
    "Dead",
    "Process",
    "Unidentified",
];

/// A key as the window hears it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
pub struct RemoteKey {
    /// What it stands for: `PageDown`, `F5`, `.`.
    pub key: String,
    /// Its place on the keyboard, which an input method does not change; may be empty.
    pub code: String,
}

impl RemoteKey {
    /// Whether it can be the remote trigger.
    ///
    /// # Errors
    /// A refusal: `remote-key-space` for the key that exposes anyway, `remote-key-own` for
    /// one that means something in the booth, `remote-key-typed` for letters and digits,
    /// `remote-key-system` for one that the window or the system needs or cannot name.
    pub(crate) fn check(&self) -> Result<(), StationError> {
        let key = self.key.as_str();
        let code = if key == SPACE {
            "remote-key-space"
        } else if OWN.contains(&key) {
            "remote-key-own"
        } else if is_character(key, char::is_alphanumeric) {
            "remote-key-typed"
        } else if SYSTEM.contains(&key) || self.code.len() > NAME_MAX || !is_nameable(key) {
            "remote-key-system"
        } else {
            return Ok(());
        };
        Err(StationError::Refused(code))
    }
}

fn is_character(key: &str, kind: impl Fn(char) -> bool) -> bool {
    let mut characters = key.chars();
    characters.next().is_some_and(kind) && characters.next().is_none()
}

/// One character that can be seen, or a name such as `PageDown` or `F5`.
fn is_nameable(key: &str) -> bool {
    let is_name = key.len() >= 2 && key.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_seen = is_character(key, |c| !c.is_control() && !c.is_whitespace());
    key.len() <= NAME_MAX && (is_name || is_seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(key: &str) -> Option<&'static str> {
        let code = String::new();
        let key = key.to_owned();
        RemoteKey { key, code }
            .check()
            .err()
            .map(|error| error.code())
    }

    #[test]
    fn what_presenters_and_pedals_send_can_be_learned() {
        for key in [
            "PageDown",
            "PageUp",
            "F5",
            "F13",
            "ArrowDown",
            ".",
            ",",
            "。",
            "AudioVolumeUp",
        ] {
            assert_eq!(refused(key), None, "{key}");
        }
    }

    #[test]
    fn a_key_with_a_meaning_of_its_own_is_refused_by_its_reason() {
        let refusals = [
            (" ", "remote-key-space"),
            ("Enter", "remote-key-own"),
            ("Escape", "remote-key-own"),
            ("r", "remote-key-own"),
            ("R", "remote-key-own"),
            ("z", "remote-key-own"),
            ("ArrowLeft", "remote-key-own"),
            ("ArrowRight", "remote-key-own"),
            ("F1", "remote-key-own"),
            ("F2", "remote-key-own"),
            ("?", "remote-key-own"),
            ("b", "remote-key-own"),
            ("B", "remote-key-own"),
            ("c", "remote-key-typed"),
            ("C", "remote-key-typed"),
            ("1", "remote-key-typed"),
            ("9", "remote-key-typed"),
            ("李", "remote-key-typed"),
            ("Tab", "remote-key-system"),
            ("Shift", "remote-key-system"),
            ("Control", "remote-key-system"),
            ("Process", "remote-key-system"),
            ("Unidentified", "remote-key-system"),
            ("", "remote-key-system"),
            ("\u{7}", "remote-key-system"),
            ("Page Down", "remote-key-system"),
            (
                "an invented name of more than thirty-two",
                "remote-key-system",
            ),
        ];
        for (key, code) in refusals {
            assert_eq!(refused(key), Some(code), "{key}");
        }
        let place = RemoteKey {
            key: "F5".into(),
            code: "x".repeat(NAME_MAX + 1),
        };
        assert!(place.check().is_err(), "a place without end");
    }
}
