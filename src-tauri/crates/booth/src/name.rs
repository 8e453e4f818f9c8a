//! Names: the number is the key, the name is a confirmation.
//!
//! The same name is spelled with different code points by police cards, school
//! databases and Excel files. Folding brings the known differences together for
//! *comparison only*; what is shown and stored is the text as it was read.
//! Sources: `facts/photo-and-roster.md` section 3.

use crate::identity::PersonName;
use std::collections::HashMap;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;

/// The name field of a resident card holds 15 UTF-16 units; longer names are cut there.
const CARD_NAME_UNITS: usize = 15;

/// How far two names agree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NameMatch {
    /// The same code points.
    Exact,
    /// The same after folding separators, widths, spaces and legacy code points.
    Folded,
    /// The card's name fills its field and the roster's name begins with it.
    /// A person must confirm; an unattended sitting refuses.
    Truncated,
    /// The card holds a private code point that nobody can map; all else agrees.
    /// A person must confirm; an unattended sitting refuses.
    Unmapped,
    /// Different names.
    Differs,
}

impl NameMatch {
    /// Whether a person has to look before this match may count.
    #[must_use]
    pub const fn needs_a_look(self) -> bool {
        match self {
            Self::Truncated | Self::Unmapped => true,
            Self::Exact | Self::Folded | Self::Differs => false,
        }
    }

    /// Stable word for the store and for `--json`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Folded => "folded",
            Self::Truncated => "truncated",
            Self::Unmapped => "unmapped",
            Self::Differs => "differs",
        }
    }
}

/// Compares the name a document carries with the name the roster carries.
#[must_use]
pub fn compare_names(document: &PersonName, roster: &PersonName) -> NameMatch {
    if document == roster {
        return NameMatch::Exact;
    }
    let (card, entry) = (fold_name(document), fold_name(roster));
    if card.is_empty() || entry.is_empty() {
        return NameMatch::Differs;
    }
    if card == entry {
        return NameMatch::Folded;
    }
    let (card, entry): (Vec<char>, Vec<char>) = (card.chars().collect(), entry.chars().collect());
    let full_field = document.as_str().encode_utf16().count() >= CARD_NAME_UNITS;
    if full_field && entry.len() > card.len() && agree(&card, &entry[..card.len()]) {
        return NameMatch::Truncated;
    }
    let mapped = card.iter().filter(|c| !is_private(**c)).count();
    if mapped > 0 && card.len() == entry.len() && agree(&card, &entry) {
        return NameMatch::Unmapped;
    }
    NameMatch::Differs
}

/// Compares names that fill no field: the same, the same when folded, or different.
pub(crate) fn compare_whole(document: &PersonName, roster: &PersonName) -> NameMatch {
    if document == roster {
        return NameMatch::Exact;
    }
    let folded = fold_name(document);
    if !folded.is_empty() && folded == fold_name(roster) {
        NameMatch::Folded
    } else {
        NameMatch::Differs
    }
}

/// Position by position equal, an unmappable private code point standing for any character.
fn agree(card: &[char], entry: &[char]) -> bool {
    card.iter()
        .zip(entry)
        .all(|(c, e)| c == e || is_private(*c))
}

/// The form of a name that is compared: never shown, never stored.
///
/// NFKC (widths, compatibility ideographs), every known separator as U+00B7, the
/// 80 GBK user-defined slots as the characters they became, no white space,
/// Latin letters upper-case.
#[must_use]
pub fn fold_name(name: &PersonName) -> String {
    name.as_str()
        .chars()
        .map(modern)
        .nfkc()
        .map(modern)
        .filter(|c| !c.is_whitespace() && !matches!(c, '\u{200B}'..='\u{200D}' | '\u{FEFF}'))
        .map(|c| if is_separator(c) { '\u{00B7}' } else { c })
        .flat_map(char::to_uppercase)
        .nfkc()
        .collect()
}

/// The separators met in rosters and on cards; 民委发〔2016〕33号 wants U+00B7.
const fn is_separator(c: char) -> bool {
    matches!(
        c,
        '\u{00B7}'
            | '\u{2022}'
            | '\u{2027}'
            | '\u{2219}'
            | '\u{22C5}'
            | '\u{30FB}'
            | '\u{FF65}'
            | '\u{002E}'
            | '\u{FF0E}'
            | '\u{3002}'
    )
}

const fn is_private(c: char) -> bool {
    matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFD}')
}

/// A legacy private code point of GBK as the character it stands for today.
fn modern(c: char) -> char {
    LEGACY.get(&c).copied().unwrap_or(c)
}

/// GBK's user slots FE50..FEA0 are exactly U+E815..U+E864. What GB18030 assigns to
/// those bytes today is generated from `encoding_rs`; six slots it leaves
/// private have their modern forms in CJK Extension B.
static LEGACY: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    const LATER: [(u8, char); 6] = [
        (0x51, '\u{20087}'),
        (0x52, '\u{20089}'),
        (0x53, '\u{200CC}'),
        (0x6C, '\u{215D7}'),
        (0x76, '\u{2298F}'),
        (0x91, '\u{241FE}'),
    ];
    let slots = (0x50u8..=0xA0).filter(|byte| *byte != 0x7F);
    slots
        .zip('\u{E815}'..='\u{E864}')
        .filter_map(|(byte, private)| {
            let later = LATER.iter().find(|(slot, _)| *slot == byte);
            let today = later.map_or_else(|| decoded(byte), |(_, c)| Some(*c));
            today.filter(|c| !is_private(*c)).map(|c| (private, c))
        })
        .collect()
});

fn decoded(low_byte: u8) -> Option<char> {
    let bytes = [0xFE, low_byte];
    let (text, _, faulty) = encoding_rs::GB18030.decode(&bytes);
    let mut chars = text.chars();
    match (chars.next(), chars.next(), faulty) {
        (Some(c), None, false) => Some(c),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(text: &str) -> PersonName {
        PersonName::parse(text).unwrap()
    }

    #[test]
    fn separators_and_widths_fold() {
        for other in [
            "买买提•艾山",
            "买买提・艾山",
            "买买提.艾山",
            "买买提． 艾山",
            "买买提‧艾山",
        ] {
            assert_eq!(
                compare_names(&name("买买提·艾山"), &name(other)),
                NameMatch::Folded,
                "{other}"
            );
        }
        assert_eq!(
            compare_names(&name("张 三"), &name("张三")),
            NameMatch::Folded
        );
        assert_eq!(
            compare_names(&name("ＡＮＮＡ lee"), &name("Anna Lee")),
            NameMatch::Folded
        );
    }

    #[test]
    fn a_rare_character_in_its_old_slot_is_the_same_character() {
        // U+4DAE is FE9F in GB18030 and U+E863 in CP936-era data.
        assert_eq!(
            compare_names(&name("王\u{E863}"), &name("王\u{4DAE}")),
            NameMatch::Folded
        );
        assert_eq!(
            compare_names(&name("王\u{E816}"), &name("王\u{20087}")),
            NameMatch::Folded
        );
        assert_eq!(LEGACY.len(), 80);
    }

    #[test]
    fn an_unmappable_character_needs_a_look() {
        assert_eq!(
            compare_names(&name("王\u{E188}"), &name("王喆")),
            NameMatch::Unmapped
        );
        assert_eq!(
            compare_names(&name("李\u{E188}"), &name("王喆")),
            NameMatch::Differs
        );
        assert_eq!(
            compare_names(&name("\u{E188}"), &name("王")),
            NameMatch::Differs
        );
    }

    #[test]
    fn a_full_name_field_may_be_cut() {
        let long = "阿卜杜热合曼江·买买提吐尔逊·艾合麦提";
        let card: String = long.chars().take(15).collect();
        assert_eq!(
            compare_names(&name(&card), &name(long)),
            NameMatch::Truncated
        );
        let short: String = long.chars().take(14).collect();
        assert_eq!(
            compare_names(&name(&short), &name(long)),
            NameMatch::Differs
        );
    }

    #[test]
    fn look_alikes_differ() {
        assert_eq!(
            compare_names(&name("张帆"), &name("张凡")),
            NameMatch::Differs
        );
        assert_eq!(
            compare_names(&name("刘洋"), &name("刘洋洋")),
            NameMatch::Differs
        );
    }

    proptest! {
        #[test]
        fn folding_is_stable(text in "\\PC{1,30}") {
            if let Ok(one) = PersonName::parse(&text) {
                let once = fold_name(&one);
                if let Ok(two) = PersonName::parse(&once) {
                    prop_assert_eq!(fold_name(&two), once);
                }
            }
        }

        #[test]
        fn one_changed_character_never_matches(
            text in "[\\u{4E00}-\\u{9FA5}]{2,8}", at in 0usize..8, other in "[\\u{4E00}-\\u{9FA5}]"
        ) {
            let mut chars: Vec<char> = text.chars().collect();
            let at = at % chars.len();
            let other = other.chars().next().unwrap();
            prop_assume!(chars[at] != other);
            let before = name(&text);
            chars[at] = other;
            let after = name(&chars.into_iter().collect::<String>());
            prop_assert_eq!(compare_names(&before, &after), NameMatch::Differs);
        }
    }
}
