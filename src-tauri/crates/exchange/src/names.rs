//! File names of a delivery package: one name for one record on every disk.
//!
//! The package is unpacked on disks that this program never sees. Two names that
//! differ here may fall together there: on a disk that ignores case, that
//! normalises to NFC or NFD, that drops trailing dots, or that cuts long names.
//! Then one portrait overwrites another, and a face stands under a foreign
//! number (hazard H22). So names are compared in the form of the least precise
//! disk, and what falls together is refused; no suffix ever tells two apart.

use std::collections::HashMap;
use unicode_normalization::UnicodeNormalization;

/// Longest file name, bytes of UTF-8: shorter than any disk in use cuts at.
const NAME_BYTES_MAX: usize = 120;

/// Device names that Windows opens in place of a file, whatever the extension.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// Why the keys of some records cannot become file names.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NameFault {
    /// Two keys become one file on some disk; places in the list of keys.
    #[error("records {first} and {second} would become one file")]
    Collision {
        /// Place of the first key, from 0.
        first: usize,
        /// Place of the second key, from 0.
        second: usize,
    },
    /// Empty, too long, reserved by Windows, or with a character that some disk
    /// does not take or would change.
    #[error("record {at} cannot become a file name")]
    Unusable {
        /// Place of the key, from 0.
        at: usize,
    },
}

/// `<key>.jpg` for every key, in order: pairwise different on every disk.
///
/// # Errors
/// [`NameFault`] names the first key, by place, that has no name of its own.
pub fn file_names(keys: &[&str]) -> Result<Vec<String>, NameFault> {
    let mut taken: HashMap<String, usize> = HashMap::new();
    let mut names = Vec::new();
    for (at, key) in keys.iter().enumerate() {
        if !is_usable(key) {
            return Err(NameFault::Unusable { at });
        }
        if let Some(first) = taken.insert(folded(key), at) {
            return Err(NameFault::Collision { first, second: at });
        }
        names.push(format!("{key}.jpg"));
    }
    Ok(names)
}

/// Whether a key can be a file name everywhere, unchanged.
pub(crate) fn is_usable(key: &str) -> bool {
    let composed: String = key.nfc().collect();
    // Windows looks at what stands before the first dot, without blanks.
    let stem = key.split('.').next().unwrap_or_default();
    let stem = stem.trim_end_matches(' ').to_lowercase();
    let port = |prefix: &str| {
        stem.strip_prefix(prefix).is_some_and(|digit| {
            matches!(
                digit,
                "0" | "1"
                    | "2"
                    | "3"
                    | "4"
                    | "5"
                    | "6"
                    | "7"
                    | "8"
                    | "9"
                    | "\u{b9}"
                    | "\u{b2}"
                    | "\u{b3}"
            )
        })
    };
    !key.is_empty()
        && key.len() + ".jpg".len() <= NAME_BYTES_MAX
        && composed == key
        && !key.starts_with(['.', ' ', '~'])
        && !key.ends_with(['.', ' '])
        && !key.chars().any(is_forbidden)
        && !DEVICES.contains(&stem.as_str())
        && !port("com")
        && !port("lpt")
}

/// The form in which two keys are compared: compatibility-composed, without case.
///
/// Folding twice settles what lower case makes of composed letters; capitals go
/// first so that letters with several small forms meet.
pub(crate) fn folded(key: &str) -> String {
    let once: String = key.nfkc().collect::<String>().to_uppercase();
    let twice: String = once.nfkc().collect::<String>().to_lowercase();
    twice.nfkc().collect()
}

fn is_forbidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFFD}')
        || matches!(c, '\u{E000}'..='\u{F8FF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    #[test]
    fn what_falls_together_on_some_disk_is_refused() {
        let together = [
            ["a01", "A01"],
            ["2022-1", "2022-1"],
            ["\u{e9}1", "\u{c9}1"],
            ["\u{ff21}1", "a1"],
        ];
        for keys in together {
            assert_eq!(
                file_names(&keys),
                Err(NameFault::Collision {
                    first: 0,
                    second: 1
                }),
                "{keys:?}"
            );
        }
    }

    #[test]
    fn names_that_windows_or_a_path_would_change_are_refused() {
        let bad = [
            "",
            "CON",
            "nul.1",
            "con .1",
            "com1",
            "LPT9.x",
            "1.",
            "1 ",
            ".1",
            "a/b",
            "a\\b",
            "a:b",
            "e\u{301}",
            "\u{202e}1",
            "\u{0}",
        ];
        for key in bad {
            assert_eq!(
                file_names(&[key]),
                Err(NameFault::Unusable { at: 0 }),
                "{key:?}"
            );
        }
        let long = "1".repeat(117);
        assert_eq!(
            file_names(&[long.as_str()]),
            Err(NameFault::Unusable { at: 0 })
        );
    }

    #[test]
    fn plain_numbers_keep_their_form() {
        let names = file_names(&["20260001", "B-7_x.2", "comb1"]);
        let expected = ["20260001.jpg", "B-7_x.2.jpg", "comb1.jpg"];
        assert_eq!(names, Ok(expected.map(str::to_owned).to_vec()));
    }

    /// What the least precise disk makes of a name, written apart from `folded`:
    /// case dropped by letter, decomposed, trailing dots and blanks cut.
    fn on_disk(name: &str) -> String {
        let decomposed: String = name.nfd().flat_map(char::to_lowercase).nfd().collect();
        decomposed.trim_end_matches(['.', ' ']).to_owned()
    }

    proptest! {
        #[test]
        fn accepted_names_are_injective_on_every_disk(
            keys in proptest::collection::vec("[aAbB1\u{e9}\u{c9}\u{130}i\u{df}s._ -]{1,3}", 1..12)
        ) {
            let list: Vec<&str> = keys.iter().map(String::as_str).collect();
            if let Ok(names) = file_names(&list) {
                prop_assert_eq!(names.len(), keys.len());
                let distinct: HashSet<String> = names.iter().map(|name| on_disk(name)).collect();
                prop_assert_eq!(distinct.len(), keys.len());
                for (key, name) in keys.iter().zip(&names) {
                    prop_assert_eq!(name.strip_suffix(".jpg"), Some(key.as_str()));
                }
            }
        }

        #[test]
        fn distinct_plain_numbers_are_never_refused(
            keys in proptest::collection::hash_set("[0-9]{4,20}", 1..40)
        ) {
            let list: Vec<&str> = keys.iter().map(String::as_str).collect();
            prop_assert!(file_names(&list).is_ok());
        }
    }
}
