//! The child with the fake library in every mood, and the reader on top of it.
//!
//! Everything is real but the library: processes, pipes, signals, the loader.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

mod bench;
mod child;
mod decoder;
mod reader;
