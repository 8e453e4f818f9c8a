//! A frame as a window draws it. What is filed does not come from here: a window's frame is as
//! small as a window needs, whatever the camera gives.

use booth::{Encoding, SourceKind};
use camera::Preview;
use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

/// Pictures of up to this many pixels (Full HD) pass through untouched: for the page to decode one
/// costs less than for us to decode it, shrink it and encode it again.
pub const UNTOUCHED_PIXELS_MAX: u64 = 1920 * 1080;

/// The longer side in pixels of whatever does not pass through: the width of the pane in a window that
/// fills a Full HD screen.
pub const REDUCED_SIDE_MAX: u32 = 960;

/// The newest frame, and its reduced form from when somebody first asked for it.
pub struct WindowFrame {
    preview: Arc<Preview>,
    untouched: OnceLock<Option<&'static str>>,
    reduced: OnceLock<Option<Vec<u8>>>,
}

impl WindowFrame {
    pub(crate) const fn new(preview: Arc<Preview>) -> Self {
        Self {
            preview,
            untouched: OnceLock::new(),
            reduced: OnceLock::new(),
        }
    }

    pub(crate) fn is_of(&self, preview: &Arc<Preview>) -> bool {
        Arc::ptr_eq(&self.preview, preview)
    }

    /// Whether it is a picture of a folder, which stands until the next one: a live one that stands
    /// still is dead.
    #[must_use]
    pub fn is_standing(&self) -> bool {
        self.preview.stamp.kind == SourceKind::Folder
    }

    /// Whether [`Self::file`] costs nothing: it passes through, or was reduced before.
    pub(crate) fn is_at_hand(&self) -> bool {
        self.untouched().is_some() || self.reduced.get().is_some()
    }

    /// The picture file with its media type; nothing where the frame cannot be read. Reduces it
    /// when it is asked for first, which takes tens of milliseconds; whoever asks meanwhile waits
    /// for the same one.
    #[must_use]
    pub fn file(&self) -> Option<(&[u8], &'static str)> {
        if let Some(kind) = self.untouched() {
            return Some((&self.preview.bytes, kind));
        }
        let (bytes, encoding) = (&self.preview.bytes, self.preview.encoding);
        let reduced = self.reduced.get_or_init(|| reduce(bytes, encoding));
        reduced.as_deref().map(|jpeg| (jpeg, "image/jpeg"))
    }

    fn untouched(&self) -> Option<&'static str> {
        let preview = &self.preview;
        *self
            .untouched
            .get_or_init(|| untouched(&preview.bytes, preview.encoding))
    }
}

/// A picture as a window can draw it, with its media type: its own bytes, or smaller ones.
#[must_use]
pub fn window_file(bytes: &[u8], encoding: Encoding) -> Option<(Cow<'_, [u8]>, &'static str)> {
    match untouched(bytes, encoding) {
        Some(kind) => Some((Cow::Borrowed(bytes), kind)),
        None => reduce(bytes, encoding).map(|jpeg| (Cow::Owned(jpeg), "image/jpeg")),
    }
}

/// The media type of what passes through.
fn untouched(bytes: &[u8], encoding: Encoding) -> Option<&'static str> {
    let kind = match encoding {
        Encoding::Jpeg => "image/jpeg",
        Encoding::Png => "image/png",
        Encoding::Yuyv { .. } => return None,
    };
    let (width, height) = portrait::size_of(bytes).ok()?;
    (u64::from(width) * u64::from(height) <= UNTOUCHED_PIXELS_MAX).then_some(kind)
}

fn reduce(bytes: &[u8], encoding: Encoding) -> Option<Vec<u8>> {
    let picture = crate::studio::pixels(bytes, encoding).ok()?;
    portrait::preview(&picture, REDUCED_SIDE_MAX).ok()
}

#[cfg(test)]
mod tests;
