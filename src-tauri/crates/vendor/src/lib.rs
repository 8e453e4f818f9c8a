//! What the program and the child that holds a vendor's library say to each other.
//!
//! Makers of readers give out a library (`sdtapi`) and little else. It is closed, often
//! 32-bit, and may hang, crash, print or write past its buffers. So it is loaded by a
//! process of its own, `likeness-vendor`, which knows nothing but five questions and is
//! killed and started again when it misbehaves.
//!
//! ```text
//! card::vendor  --request-->  likeness-vendor  --call-->  the vendor's library
//!               <--answer---                   <--data---
//! ```
//!
//! **Architecture invariant:** this crate depends on nothing that asks for a system service
//! or a window, so that the child can be built for another word size than the program.
//! `unsafe` stands in `src/foreign.rs` and nowhere else.

pub mod protocol;
