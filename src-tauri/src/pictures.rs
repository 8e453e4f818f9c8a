//! `likeness://localhost/`: the preview and the pictures that a view names.
//!
//! One frame a request, the newest one; a window has one request under way, so that it
//! can never be behind. The camera's JPEG passes through untouched up to Full HD; what is larger, or
//! no file at all, comes reduced.

use crate::subject;
use station::{Station, window_file};
use std::sync::Arc;
use tauri::http::{HeaderValue, Request, Response, StatusCode};
use tauri::{Manager, Runtime, UriSchemeContext, UriSchemeResponder};

type Body = Vec<u8>;

/// Who asks: the operator's window is shown whatever a view names, the subject's only the
/// mirror and the portrait of whoever sits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Asker {
    Operator,
    Subject,
}

fn asker(label: &str) -> Option<Asker> {
    match label {
        "main" => Some(Asker::Operator),
        subject::LABEL => Some(Asker::Subject),
        _ => None,
    }
}

pub(crate) fn answer<R: Runtime>(
    context: UriSchemeContext<'_, R>,
    request: Request<Body>,
    responder: UriSchemeResponder,
) {
    let Some(asker) = asker(context.webview_label()) else {
        responder.respond(empty(StatusCode::FORBIDDEN));
        return;
    };
    let station = Arc::clone(&context.app_handle().state::<Arc<Station>>());
    tauri::async_runtime::spawn(async move {
        let path = request.uri().path().trim_matches('/').to_owned();
        let after = request.uri().query().and_then(after_of).unwrap_or(0);
        let response = if path == "frame" {
            frame(&station, asker, after).await
        } else {
            let looking =
                tauri::async_runtime::spawn_blocking(move || picture(&station, asker, &path));
            looking
                .await
                .unwrap_or_else(|_| empty(StatusCode::INTERNAL_SERVER_ERROR))
        };
        responder.respond(response);
    });
}

/// The 7 of `after=7`.
fn after_of(query: &str) -> Option<u64> {
    query.strip_prefix("after=")?.parse().ok()
}

async fn frame(station: &Station, asker: Asker, after: u64) -> Response<Body> {
    let found = match asker {
        Asker::Operator => station.frame(after).await,
        Asker::Subject => station.subject_frame(after).await,
    };
    let shown = found.as_ref().and_then(|(seq, frame)| {
        let (bytes, kind) = frame.file()?;
        let place = Place {
            seq: *seq,
            is_standing: frame.is_standing(),
        };
        Some(with(bytes.to_vec(), kind, Some(place)))
    });
    shown.unwrap_or_else(|| empty(StatusCode::NO_CONTENT))
}

fn picture(station: &Station, asker: Asker, path: &str) -> Response<Body> {
    let path = percent_decoded(path);
    let found = match asker {
        Asker::Operator => station.picture(&path),
        Asker::Subject => station.subject_picture(&path),
    };
    let shown = found.ok().and_then(|picture| {
        let (bytes, kind) = window_file(&picture.bytes, picture.encoding)?;
        Some(with(bytes.into_owned(), kind, None))
    });
    shown.unwrap_or_else(|| empty(StatusCode::NOT_FOUND))
}

/// Student numbers are ASCII by rule; anything else that a page escapes is unescaped
/// here, and finds nothing.
fn percent_decoded(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        let pair = (byte == b'%').then(|| [rest.next(), rest.next()]);
        let decoded = match pair {
            Some([Some(high), Some(low)]) => {
                let digits = [high, low];
                let text = std::str::from_utf8(&digits).unwrap_or_default();
                u8::from_str_radix(text, 16).ok()
            }
            Some(_) => None,
            None => Some(byte),
        };
        bytes.extend(decoded);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Where a frame stands among frames.
struct Place {
    seq: u64,
    /// It is there until the next one comes.
    is_standing: bool,
}

fn with(bytes: Body, kind: &str, place: Option<Place>) -> Response<Body> {
    let mut response = Response::builder()
        .header("Content-Type", kind)
        .header("Cache-Control", "no-store")
        .header("Access-Control-Allow-Origin", "*")
        .header(
            "Access-Control-Expose-Headers",
            "x-frame-seq, x-frame-standing",
        );
    if let Some(Place { seq, is_standing }) = place {
        response = response.header("x-frame-seq", seq);
        response = response.header("x-frame-standing", u16::from(is_standing));
    }
    response
        .body(bytes)
        .unwrap_or_else(|_| empty(StatusCode::INTERNAL_SERVER_ERROR))
}

fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = status;
    // Without it the page could not tell "nothing now" from a bridge that is gone.
    let anywhere = HeaderValue::from_static("*");
    response
        .headers_mut()
        .insert("Access-Control-Allow-Origin", anywhere);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_that_is_not_named_is_shown_nothing() {
        assert_eq!(asker("main"), Some(Asker::Operator));
        assert_eq!(asker("subject"), Some(Asker::Subject));
        assert_eq!(asker("main2"), None);
    }

    #[test]
    fn a_frame_is_asked_for_by_number() {
        assert_eq!(after_of("after=17"), Some(17));
        assert_eq!(after_of("after="), None);
        assert_eq!(after_of("before=1"), None);
    }

    #[test]
    fn what_a_page_escapes_is_unescaped() {
        assert_eq!(percent_decoded("record/2026%2D1/1"), "record/2026-1/1");
        assert_eq!(percent_decoded("a%2"), "a");
        assert_eq!(percent_decoded("%zz"), "");
    }
}
