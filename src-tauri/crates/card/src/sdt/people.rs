//! Invented people with a document of another kind each, for the tests of this module.

use booth::{CardRead, DocumentKind, sha256};
use simulator::papers;

/// So many.
pub(super) const PEOPLE: usize = DocumentKind::ALL.len();

pub(super) fn kind_of(person: usize) -> DocumentKind {
    DocumentKind::ALL[person % PEOPLE]
}

pub(super) fn text_of(person: usize) -> [u8; 256] {
    papers::text(kind_of(person))
}

/// Whose document a read is; nobody's when anything in it is another's.
pub(super) fn owner(read: &CardRead) -> Option<usize> {
    (0..PEOPLE).find(|person| read.raw() == sha256(&text_of(*person)))
}
