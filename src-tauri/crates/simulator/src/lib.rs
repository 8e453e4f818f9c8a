//! 模拟器: document, reader and camera made of files, and people who do not exist.
//!
//! Product code, for the demo, for training and for fast tests; nothing of it opens
//! in a production job (invariant 10). There is no fall-back to it from a real device.
//!
//! | module | what |
//! |---|---|
//! | [`document`] | a document made of a TOML file, on a reader made of nothing |
//! | `tray` | a reader that is a folder: files are laid on it and taken off |
//! | [`still`] | a camera made of pictures, with faults on request |
//! | [`subject`] | drawn people who carry their true id in the pixels |
//! | [`stamp`] | id and number of a frame in its own pixels |
//! | [`papers`] | a document of each kind, and its identity bytes |
//! | [`sam`] | a reader with a security module on a serial port |
//! | [`library`] | the folder that a fake vendor's library plays from |
//! | `uvc` | a USB camera for the kernel's own driver, with faults on request |
//! | [`vpcd`] | a card for the virtual readers of the real smart-card service |
//! | `vscard` | the same card for the USB reader of an emulated machine |

pub mod document;
pub mod library;
pub mod papers;
pub mod sam;
pub mod stamp;
pub mod still;
pub mod subject;
mod tray;
#[cfg(target_os = "linux")]
pub mod uvc;
pub mod vpcd;
#[cfg(unix)]
pub mod vscard;
