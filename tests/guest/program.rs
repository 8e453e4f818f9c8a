//! The program that runs in the guest: it plays with the reader. Only Linux has such a
//! guest.

#[cfg(target_os = "linux")]
mod reader;

fn main() {
    #[cfg(target_os = "linux")]
    reader::play();
}
