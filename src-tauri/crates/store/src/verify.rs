//! (being written)
use crate::StoreError;
use crate::key::StationPublicKey;
use std::path::Path;

/// One thing that is not as it was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifyFault {
    /// Stable code.
    pub code: &'static str,
    /// Table it was found in.
    pub table: String,
    /// Row as the journal names it.
    pub row: String,
}

/// What the checker found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct VerifyReport {
    /// What is wrong; empty when all is well.
    pub faults: Vec<VerifyFault>,
    /// No public key was given: a whole rewritten job would pass.
    pub unpinned: bool,
}

/// Checks.
///
/// # Errors
/// Disk.
pub fn verify(_dir: &Path, _pinned: Option<&StationPublicKey>) -> Result<VerifyReport, StoreError> {
    Ok(VerifyReport::default())
}
