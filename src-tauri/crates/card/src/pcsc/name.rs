//! Names of readers: which are watched, and what they say about the device.

use booth::{Device, Nature};

/// The readers to watch out of those that are connected.
pub(super) fn choose(wanted: Option<&str>, connected: Vec<String>) -> Vec<String> {
    let mut candidates = connected;
    // Windows Hello for Business shows readers with a card in them that is no document.
    candidates.retain(|name| !name.contains("Windows Hello"));
    let Some(wanted) = wanted else {
        return candidates;
    };
    let exact = candidates.iter().any(|name| name == wanted);
    candidates.retain(|name| {
        if exact {
            name == wanted
        } else {
            split(name).0 == split(wanted).0
        }
    });
    candidates
}

/// A reader's lasting name and its trailing numbers (`00 01`: which of several, and
/// which slot), which change when it is plugged in again.
fn split(name: &str) -> (&str, &str) {
    let name = name.trim();
    let pair = |text: &str| {
        let bytes = text.as_bytes();
        bytes.len() == 2 && bytes.iter().all(u8::is_ascii_hexdigit)
    };
    let mut parts = name.rsplitn(3, ' ');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(slot), Some(number), Some(base)) if pair(slot) && pair(number) => {
            (base.trim_end(), &name[name.len() - 5..])
        }
        _ => (name, ""),
    }
}

/// What is recorded of a reader.
pub(super) fn device(name: &str) -> Device {
    let (identity, slot) = split(name);
    let lower = identity.to_lowercase();
    let imitation = lower.contains("virtual") || lower.contains("qemu");
    Device {
        driver: "pcsc".to_owned(),
        bus: slot.to_owned(),
        identity: identity.to_owned(),
        nature: if imitation {
            Nature::Virtual
        } else {
            Nature::Physical
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(wanted: Option<&str>) -> Vec<String> {
        let connected = [
            "ACS ACR1252 [PICC] 00 00",
            "ACS ACR1252 [PICC] 01 00",
            "Virtual PCD 00 00",
            "Virtual PCD 00 01",
            "Windows Hello for Business 1",
        ];
        choose(wanted, connected.map(str::to_owned).to_vec())
    }

    #[test]
    fn without_a_name_all_but_the_windows_ones_are_watched() {
        assert_eq!(chosen(None).len(), 4);
    }

    #[test]
    fn the_trailing_numbers_need_not_fit() {
        assert_eq!(chosen(Some("Virtual PCD 00 01")), ["Virtual PCD 00 01"]);
        assert_eq!(chosen(Some("Virtual PCD")).len(), 2);
        assert_eq!(chosen(Some("ACS ACR1252 [PICC] 07 00")).len(), 2);
        assert!(chosen(Some("ACS")).is_empty());
        assert!(chosen(Some("Windows Hello for Business 1")).is_empty());
    }

    #[test]
    fn imitations_are_told_from_things() {
        let virtual_one = device("Virtual PCD 00 01");
        assert_eq!(virtual_one.nature, Nature::Virtual);
        assert_eq!(
            (virtual_one.identity.as_str(), virtual_one.bus.as_str()),
            ("Virtual PCD", "00 01")
        );
        let thing = device("ACS ACR1252 [PICC] (12 34) 00 00");
        assert_eq!(thing.nature, Nature::Physical);
        assert_eq!(thing.identity, "ACS ACR1252 [PICC] (12 34)");
        assert_eq!(device("读卡器").bus, "");
    }
}
