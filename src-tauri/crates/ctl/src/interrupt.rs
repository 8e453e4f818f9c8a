//! Ctrl-C as a flag.

use station::StationError;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Set when somebody presses Ctrl-C, so that the work ends in good order: a card is left
/// reset and not half read, a page of what was done is written.
///
/// # Errors
/// A fault when the system gives no signals.
pub(crate) fn interruption() -> Result<Arc<AtomicBool>, StationError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| StationError::Fault {
            code: "disk",
            detail: error.to_string(),
        })?;
    let interrupted = Arc::new(AtomicBool::new(false));
    let pressed = Arc::clone(&interrupted);
    std::thread::spawn(move || {
        if runtime.block_on(tokio::signal::ctrl_c()).is_ok() {
            pressed.store(true, Ordering::Relaxed);
        }
    });
    Ok(interrupted)
}
