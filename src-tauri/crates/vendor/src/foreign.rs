//! What no compiler can check: the functions of the vendor's library.
//!
//! Their signatures are those of the makers' documents, the same in every library of the
//! family and on every system (`int` and pointers; stdcall on 32-bit Windows, which is what
//! `extern "system"` means there).
#![expect(
    unsafe_code,
    reason = "a foreign library is called, in a process of its own"
)]

use crate::guarded::Guarded;
use std::error::Error;
use std::ffi::{c_int, c_uint};
use std::path::Path;
use vendor::protocol::{Answer, Symbol, WORD_BYTES_MAX, is_printable};

/// `SDT_OpenPort(port)`, `SDT_ClosePort(port)`
type OnPort = unsafe extern "system" fn(c_int) -> c_int;
/// `SDT_ResetSAM(port, open it yourself)`
type Plain = unsafe extern "system" fn(c_int, c_int) -> c_int;
/// `SDT_StartFindIDCard`, `SDT_SelectIDCard`, `SDT_GetSAMIDToStr`
type OneBuffer = unsafe extern "system" fn(c_int, *mut u8, c_int) -> c_int;
/// `SDT_ReadNewAppMsg(port, bytes, length, ..)`
type BufferAndLength = unsafe extern "system" fn(c_int, *mut u8, *mut c_uint, c_int) -> c_int;
/// `SDT_ReadBaseMsg(port, text, length, portrait, length, ..)`
type ReadBase =
    unsafe extern "system" fn(c_int, *mut u8, *mut c_uint, *mut u8, *mut c_uint, c_int) -> c_int;

/// `unpack(closed, picture, as a bitmap)`
type Unpack = unsafe extern "system" fn(*mut u8, *mut u8, c_int) -> c_int;

/// The last argument of most functions: we open and close the port ourselves.
const PORT_IS_OPEN: c_int = 0;

/// The last argument of `unpack`: a bitmap with its header is wanted.
const AS_BITMAP: c_int = 1;

/// A loaded decoder of portraits. One source names its function and no document does.
pub(crate) struct Decoder {
    unpack: Unpack,
    /// Holds what the function above points into.
    _code: libloading::Library,
}

impl Decoder {
    /// Loads it; says what it lacks.
    pub(crate) fn load(path: &Path) -> Result<Self, Answer> {
        let code = load(path)?;
        // SAFETY: the type is the one that programs use for this name.
        let unpack = unsafe { needed(&code, Symbol::Unpack)? };
        Ok(Self {
            unpack,
            _code: code,
        })
    }

    /// `closed`: 1024 bytes, `picture`: at least 38862.
    pub(crate) fn unpack(&self, closed: &mut Guarded, picture: &mut Guarded) -> c_int {
        // SAFETY: both rooms are as large as programs give, and guarded.
        unsafe { (self.unpack)(closed.pointer(), picture.pointer(), AS_BITMAP) }
    }
}

/// Loads a library, whatever it is.
fn load(path: &Path) -> Result<libloading::Library, Answer> {
    if !path.is_file() {
        return Err(Answer::LibraryMissing);
    }
    // SAFETY: this runs the library's own start code, which may do anything. That is
    // what this process is for: it holds nothing of ours and is killed when it hangs.
    let code = unsafe { libloading::Library::new(path) };
    code.map_err(|error| Answer::LibraryUnfit(word(&error)))
}

/// A loaded library of the family.
pub(crate) struct Library {
    open_port: OnPort,
    close_port: OnPort,
    find: OneBuffer,
    select: OneBuffer,
    read: ReadBase,
    addresses: Option<BufferAndLength>,
    reset: Option<Plain>,
    module: Option<OneBuffer>,
    /// Holds what the functions above point into.
    _code: libloading::Library,
}

impl Library {
    /// Loads it and looks its functions up; says what it lacks.
    pub(crate) fn load(path: &Path) -> Result<Self, Answer> {
        let code = load(path)?;
        // SAFETY: the types are those of the makers' documents for these names.
        unsafe {
            Ok(Self {
                open_port: needed(&code, Symbol::OpenPort)?,
                close_port: needed(&code, Symbol::ClosePort)?,
                find: needed(&code, Symbol::StartFindIdCard)?,
                select: needed(&code, Symbol::SelectIdCard)?,
                read: needed(&code, Symbol::ReadBaseMsg)?,
                addresses: lookup(&code, "SDT_ReadNewAppMsg"),
                reset: lookup(&code, "SDT_ResetSAM"),
                module: lookup(&code, "SDT_GetSAMIDToStr"),
                _code: code,
            })
        }
    }

    pub(crate) fn open_port(&self, port: u16) -> c_int {
        // SAFETY: as documented; no memory is handed over.
        unsafe { (self.open_port)(c_int::from(port)) }
    }

    pub(crate) fn close_port(&self, port: u16) -> c_int {
        // SAFETY: as documented; no memory is handed over.
        unsafe { (self.close_port)(c_int::from(port)) }
    }

    /// `room`: at least 8 bytes; documents name 4.
    pub(crate) fn find(&self, port: u16, room: &mut Guarded) -> c_int {
        // SAFETY: the room is larger than documented, and guarded.
        unsafe { (self.find)(c_int::from(port), room.pointer(), PORT_IS_OPEN) }
    }

    /// `room`: at least 8 bytes.
    pub(crate) fn select(&self, port: u16, room: &mut Guarded) -> c_int {
        // SAFETY: the room is larger than documented, and guarded.
        unsafe { (self.select)(c_int::from(port), room.pointer(), PORT_IS_OPEN) }
    }

    /// `text`: at least 256 bytes, `portrait`: at least 1024. Returns the status and the
    /// two lengths that the library names.
    pub(crate) fn read(
        &self,
        port: u16,
        text: &mut Guarded,
        portrait: &mut Guarded,
    ) -> (c_int, u32, u32) {
        // A length that it does not name is 0, which is no length of a text.
        let (mut text_bytes, mut portrait_bytes) = (0, 0);
        // SAFETY: the rooms are larger than documented, and guarded; the lengths are ours.
        let status = unsafe {
            (self.read)(
                c_int::from(port),
                text.pointer(),
                &raw mut text_bytes,
                portrait.pointer(),
                &raw mut portrait_bytes,
                PORT_IS_OPEN,
            )
        };
        (status, text_bytes, portrait_bytes)
    }

    /// `room`: at least 280 bytes. `None` where the library has no such function.
    pub(crate) fn addresses(&self, port: u16, room: &mut Guarded) -> Option<c_int> {
        let mut bytes = 0;
        let function = self.addresses?;
        // SAFETY: the room is larger than documented, and guarded; the length is ours.
        let status = unsafe {
            function(
                c_int::from(port),
                room.pointer(),
                &raw mut bytes,
                PORT_IS_OPEN,
            )
        };
        Some(status)
    }

    /// `None` where the library has no such function.
    pub(crate) fn reset(&self, port: u16) -> Option<c_int> {
        let function = self.reset?;
        // SAFETY: as documented; no memory is handed over.
        Some(unsafe { function(c_int::from(port), PORT_IS_OPEN) })
    }

    /// `room`: at least 64 bytes. `None` where the library has no such function.
    pub(crate) fn module(&self, port: u16, room: &mut Guarded) -> Option<c_int> {
        let function = self.module?;
        // SAFETY: the room is larger than documented, and guarded.
        Some(unsafe { function(c_int::from(port), room.pointer(), PORT_IS_OPEN) })
    }
}

/// A function that there must be.
///
/// # Safety
/// `F` must be the type of the function of this name.
unsafe fn needed<F: Copy>(code: &libloading::Library, symbol: Symbol) -> Result<F, Answer> {
    // SAFETY: the caller's.
    unsafe { lookup(code, symbol.name()) }.ok_or(Answer::SymbolMissing(symbol))
}

/// A function, if it is there.
///
/// # Safety
/// `F` must be the type of the function of this name, and is good for as long as the
/// library stays loaded.
unsafe fn lookup<F: Copy>(code: &libloading::Library, name: &str) -> Option<F> {
    // SAFETY: the caller's.
    let symbol = unsafe { code.get::<F>(name.as_bytes()) };
    symbol.ok().map(|symbol| *symbol)
}

/// What the system says to a library that it does not load.
fn word(error: &libloading::Error) -> String {
    let mut word = error.to_string();
    if let Some(source) = error.source() {
        word = format!("{word}: {source}");
    }
    let ascii = word.bytes().map(|byte| {
        if is_printable(byte) {
            char::from(byte)
        } else {
            '?'
        }
    });
    ascii.take(WORD_BYTES_MAX).collect()
}

/// Lets the C runtime's standard streams, and with them the system's, lead nowhere.
#[cfg(windows)]
pub(crate) fn silence_streams() -> std::io::Result<()> {
    use std::ffi::c_char;
    const READ_WRITE: c_int = 2;
    unsafe extern "C" {
        fn _open(path: *const c_char, flags: c_int, ...) -> c_int;
        fn _dup2(from: c_int, to: c_int) -> c_int;
    }
    // SAFETY: the path ends with a NUL; opening and doubling descriptors touches no memory.
    let silent = unsafe {
        let nowhere = _open(c"NUL".as_ptr(), READ_WRITE);
        nowhere >= 0 && _dup2(nowhere, 0) == 0 && _dup2(nowhere, 1) == 0
    };
    if silent {
        Ok(())
    } else {
        Err(std::io::Error::last_os_error())
    }
}
