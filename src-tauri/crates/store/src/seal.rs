//! The bytes that are hashed and signed, and the SQL functions that do it.
//!
//! Every message begins with a tag and gives lengths before contents, so that no
//! two different rows have the same message.

use crate::key::{StationKey, StationPublicKey};
use booth::{Digest, DigestKey, PersonName, sha256};
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Result};
use std::sync::Arc;

const JOURNAL_TAG: &[u8] = b"likeness-journal-v1";
const ACCEPTANCE_TAG: &[u8] = b"likeness-acceptance-v1";
const NORMALISED_TAG: &[u8] = b"likeness-normalised-v1";
const ROW_TAG: &[u8] = b"likeness-row-v1";

/// Digest of one row: its table, then type, length and bytes of each column.
pub(crate) fn row_digest<'a, I: IntoIterator<Item = ValueRef<'a>>>(
    table: &str,
    values: I,
) -> Digest {
    let mut message = ROW_TAG.to_vec();
    push_bytes(&mut message, table.as_bytes());
    for value in values {
        match value {
            ValueRef::Null => message.push(0),
            ValueRef::Integer(number) => {
                message.push(1);
                message.extend_from_slice(&number.to_be_bytes());
            }
            ValueRef::Real(number) => {
                message.push(2);
                message.extend_from_slice(&number.to_bits().to_be_bytes());
            }
            ValueRef::Text(text) => {
                message.push(3);
                push_bytes(&mut message, text);
            }
            ValueRef::Blob(blob) => {
                message.push(4);
                push_bytes(&mut message, blob);
            }
        }
    }
    sha256(&message)
}

/// What a journal row says, without its hash and signature.
pub(crate) struct Line<'a> {
    pub(crate) seq: i64,
    pub(crate) wall_ms: i64,
    pub(crate) kind: &'a str,
    pub(crate) row_id: &'a str,
    pub(crate) row_digest: &'a [u8],
    pub(crate) prev: &'a [u8],
}

impl Line<'_> {
    /// The hash that the next row holds as its `prev`.
    pub(crate) fn hash(&self) -> Digest {
        let mut message = JOURNAL_TAG.to_vec();
        message.extend_from_slice(&self.seq.to_be_bytes());
        message.extend_from_slice(&self.wall_ms.to_be_bytes());
        push_bytes(&mut message, self.kind.as_bytes());
        push_bytes(&mut message, self.row_id.as_bytes());
        push_bytes(&mut message, self.row_digest);
        push_bytes(&mut message, self.prev);
        sha256(&message)
    }

    /// What the station signs.
    pub(crate) fn message(hash: &[u8]) -> Vec<u8> {
        [JOURNAL_TAG, hash].concat()
    }
}

/// What the station vouches for when a portrait is accepted.
pub(crate) struct Vouched<'a> {
    pub(crate) job: &'a [u8],
    pub(crate) sitting: i64,
    pub(crate) entry: i64,
    pub(crate) student_number: &'a str,
    pub(crate) generation: i64,
    pub(crate) id_digest: &'a [u8],
    pub(crate) portrait: &'a [u8],
    pub(crate) frame: &'a [u8],
}

impl Vouched<'_> {
    /// The message to sign. The student number goes in as a keyed digest, so that
    /// message and signature may leave the station.
    pub(crate) fn message(&self, key: &DigestKey) -> Vec<u8> {
        let student = key.digest(&[b"student-number", self.student_number.as_bytes()]);
        let mut message = ACCEPTANCE_TAG.to_vec();
        push_bytes(&mut message, self.job);
        message.extend_from_slice(&self.sitting.to_be_bytes());
        message.extend_from_slice(&self.entry.to_be_bytes());
        message.extend_from_slice(student.as_bytes());
        message.extend_from_slice(&self.generation.to_be_bytes());
        push_bytes(&mut message, self.id_digest);
        push_bytes(&mut message, self.portrait);
        push_bytes(&mut message, self.frame);
        message
    }
}

/// What the station vouches for when it files the copy of a portrait: made from this one, in this job.
/// The portrait's own signature says whose it is.
pub(crate) fn normalised_message(job: &[u8], portrait: &[u8], copy: &[u8]) -> Vec<u8> {
    let mut message = NORMALISED_TAG.to_vec();
    for part in [job, portrait, copy] {
        push_bytes(&mut message, part);
    }
    message
}

fn push_bytes(message: &mut Vec<u8>, bytes: &[u8]) {
    message.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
    message.extend_from_slice(bytes);
}

/// The one function that must not be called by hand: it signs a journal row.
pub(crate) const SEAL: &str = "likeness_seal";

/// Gives a connection the functions that the triggers call. A connection without
/// them cannot insert a single row.
pub(crate) fn register(
    connection: &Connection,
    key: &StationKey,
    digest_key: [u8; 32],
) -> Result<()> {
    // Innocuous: with `trusted_schema` off, triggers may call no other kind.
    let pure = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    let clock = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function("likeness_wall_ms", 0, clock, |_| Ok(clock::wall_ms()))?;
    connection.create_scalar_function("likeness_sha256", 1, pure, |call| {
        Ok(sha256(blob(call, 0)?).as_bytes().to_vec())
    })?;
    connection.create_scalar_function("likeness_row", -1, pure, |call| {
        let table: String = call.get(0)?;
        let values = (1..call.len()).map(|at| call.get_raw(at));
        Ok(row_digest(&table, values).as_bytes().to_vec())
    })?;
    connection.create_scalar_function("likeness_journal_hash", 6, pure, |call| {
        with_line(call, |line| line.hash().as_bytes().to_vec())
    })?;
    let signer = key.clone();
    connection.create_scalar_function(SEAL, 6, pure, move |call| {
        with_line(call, |line| {
            signer.sign(&Line::message(line.hash().as_bytes())).to_vec()
        })
    })?;
    register_keyed(connection, key.public(), digest_key)
}

/// The functions that need the job's digest key.
fn register_keyed(
    connection: &Connection,
    public: StationPublicKey,
    digest_key: [u8; 32],
) -> Result<()> {
    let pure = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    let shared = Arc::new(DigestKey::from_bytes(digest_key));
    let key = Arc::clone(&shared);
    connection.create_scalar_function("likeness_identity_digest", 1, pure, move |call| {
        let number: String = call.get(0)?;
        Ok(booth::identity_digest(&key, &number).as_bytes().to_vec())
    })?;
    let key = Arc::clone(&shared);
    connection.create_scalar_function("likeness_name_digest", 1, pure, move |call| {
        let name: String = call.get(0)?;
        let name = PersonName::parse(&name).ok();
        Ok(name.map(|name| booth::name_digest(&key, &name).as_bytes().to_vec()))
    })?;
    connection.create_scalar_function("likeness_normalised_holds", 4, pure, move |call| {
        let message = normalised_message(blob(call, 1)?, blob(call, 2)?, blob(call, 3)?);
        Ok(public.verifies(&message, blob(call, 0)?))
    })?;
    connection.create_scalar_function("likeness_acceptance_holds", 9, pure, move |call| {
        let student: String = call.get(4)?;
        let vouched = Vouched {
            job: blob(call, 1)?,
            sitting: call.get(2)?,
            entry: call.get(3)?,
            student_number: &student,
            generation: call.get(5)?,
            id_digest: blob(call, 6)?,
            portrait: blob(call, 7)?,
            frame: blob(call, 8)?,
        };
        Ok(public.verifies(&vouched.message(&shared), blob(call, 0)?))
    })
}

fn with_line<T>(call: &Context<'_>, use_line: impl FnOnce(Line<'_>) -> T) -> Result<T> {
    let (kind, row_id): (String, String) = (call.get(2)?, call.get(3)?);
    Ok(use_line(Line {
        seq: call.get(0)?,
        wall_ms: call.get(1)?,
        kind: &kind,
        row_id: &row_id,
        row_digest: blob(call, 4)?,
        prev: blob(call, 5)?,
    }))
}

fn blob<'a>(call: &'a Context<'_>, at: usize) -> Result<&'a [u8]> {
    call.get_raw(at)
        .as_blob()
        .map_err(|error| rusqlite::Error::UserFunctionError(error.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_not_run_together() {
        let text = |text: &'static str| ValueRef::Text(text.as_bytes());
        let one = row_digest("t", [text("ab"), text("c")]);
        assert_ne!(one, row_digest("t", [text("a"), text("bc")]));
        assert_ne!(one, row_digest("u", [text("ab"), text("c")]));
        assert_ne!(one, row_digest("t", [ValueRef::Blob(b"ab"), text("c")]));
        assert_ne!(
            row_digest("t", [ValueRef::Null]),
            row_digest("t", [ValueRef::Integer(0)])
        );
    }

    #[test]
    fn a_line_is_bound_to_its_place() {
        let line = |seq, prev: &'static [u8]| Line {
            seq,
            wall_ms: 5,
            kind: "photo",
            row_id: "1",
            row_digest: &[7; 32],
            prev,
        };
        let hash = line(1, &[0; 32]).hash();
        assert_ne!(hash, line(2, &[0; 32]).hash());
        assert_ne!(hash, line(1, &[1; 32]).hash());
    }
}
