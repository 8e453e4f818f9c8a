//! The chain, and every row against its line.

use super::Checker;
use crate::key::StationPublicKey;
use crate::rules::{Table, tables};
use crate::seal::{Line, row_digest};
use booth::Digest;
use std::collections::HashMap;

/// Digest by table and row, as the journal tells it.
type Lines = HashMap<(String, String), Vec<u8>>;

/// Who is expected, what they are compared with, who is to be shot again, and by what portraits are judged.
const ROSTER: [&str; 6] = [
    "job",
    "job_standard",
    "entry",
    "entry_version",
    "admission_photo",
    "flag",
];

impl Checker<'_, '_> {
    /// Every line follows from the one before and is signed; every row has its line
    /// and every line its row.
    pub(super) fn check_journal(&mut self, key: Option<&StationPublicKey>) {
        let mut lines = self.read_lines(key, &|_| true);
        for table in tables(self.version) {
            self.check_rows(table, &mut lines);
        }
        let mut left: Vec<_> = lines.into_keys().collect();
        left.sort();
        for (kind, row) in left {
            self.fault("row-missing", &kind, row);
        }
    }

    /// Proves who is on the roster, with the pictures they are compared with and what was found wrong of them, and by
    /// what they are judged: each such row is what a line of the journal says that the station signed, and the lines
    /// are one chain without a gap. What is not asked is asked by the whole check: all other rows, and whether the
    /// end of the journal was cut off.
    pub(super) fn check_roster(&mut self, key: &StationPublicKey) {
        let mut lines = self.read_lines(Some(key), &|kind| ROSTER.contains(&kind));
        // The chain binds every line to the last one, so that one's signature vouches for the rest.
        let sql = "SELECT seq, hash, signature FROM journal ORDER BY seq DESC LIMIT 1";
        self.each("journal", sql, |checker, row| {
            let (hash, signature): (Vec<u8>, Vec<u8>) = (row.get(1)?, row.get(2)?);
            let signed = key.verifies(&Line::message(&hash), &signature);
            checker.require(
                signed,
                "journal-signature",
                "journal",
                row.get::<_, i64>(0)?,
            );
            Ok(())
        });
        lines.retain(|(kind, _), _| ROSTER.contains(&kind.as_str()));
        for table in tables(self.version).filter(|table| ROSTER.contains(&table.name)) {
            self.check_rows(table, &mut lines);
        }
        let mut left: Vec<_> = lines.into_keys().collect();
        left.sort();
        for (kind, row) in left {
            self.fault("row-missing", &kind, row);
        }
    }

    /// Reads all lines and follows their chain; the signatures of these kinds are checked.
    fn read_lines(
        &mut self,
        key: Option<&StationPublicKey>,
        signed_kinds: &dyn Fn(&str) -> bool,
    ) -> Lines {
        let mut lines = Lines::new();
        let (mut last, mut chain) = (0i64, vec![0u8; 32]);
        let sql = "SELECT seq, wall_ms, kind, row_id, row_digest, prev, hash, signature
                   FROM journal ORDER BY seq";
        self.each("journal", sql, |checker, row| {
            let seq: i64 = row.get(0)?;
            let (kind, row_id): (String, String) = (row.get(2)?, row.get(3)?);
            let digest: Vec<u8> = row.get(4)?;
            let prev: Vec<u8> = row.get(5)?;
            let hash: Vec<u8> = row.get(6)?;
            let signature: Vec<u8> = row.get(7)?;
            let line = Line {
                seq,
                wall_ms: row.get(1)?,
                kind: &kind,
                row_id: &row_id,
                row_digest: &digest,
                prev: &prev,
            };
            checker.require(seq == last + 1, "journal-gap", "journal", seq);
            checker.require(prev == chain, "journal-chain", "journal", seq);
            let same = line.hash().as_bytes() == hash.as_slice();
            checker.require(same, "journal-hash", "journal", seq);
            let signed = || key.is_some_and(|key| key.verifies(&Line::message(&hash), &signature));
            let holds = !signed_kinds(&kind) || signed();
            checker.require(holds, "journal-signature", "journal", seq);
            let twice = lines.insert((kind, row_id), digest).is_some();
            checker.require(!twice, "journaled-already", "journal", seq);
            (last, chain) = (seq, hash);
            checker.report.counts.journal += 1;
            Ok(())
        });
        let head: Result<[u8; 32], _> = chain.try_into();
        self.report.head = head.ok().map(|hash| (last, Digest::from_bytes(hash)));
        lines
    }

    fn check_rows(&mut self, table: &'static Table, lines: &mut Lines) {
        let columns: Vec<_> = table.digested().collect();
        let sql = format!(
            "SELECT {}, {} FROM {}",
            table.row_id(""),
            columns.join(", "),
            table.name
        );
        self.each(table.name, &sql, |checker, row| {
            let id: String = row.get(0)?;
            let values = (1..=columns.len())
                .map(|at| row.get_ref(at))
                .collect::<Result<Vec<_>, _>>()?;
            let digest = row_digest(table.name, values);
            match lines.remove(&(table.name.to_owned(), id.clone())) {
                None => checker.fault("row-unjournaled", table.name, id),
                Some(told) if told != digest.as_bytes() => {
                    checker.fault("row-changed", table.name, id);
                }
                Some(_) => {}
            }
            Ok(())
        });
    }
}
