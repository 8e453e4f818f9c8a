use super::*;
use booth::{Birth, Epoch, FrameStamp, SourceKind};
use portrait::Raster;
use simulator::still::encode_jpeg;
use simulator::subject::Subject;

fn frame(bytes: Vec<u8>, encoding: Encoding) -> WindowFrame {
    let now = clock::now();
    WindowFrame::new(Arc::new(Preview {
        bytes,
        encoding,
        stamp: FrameStamp {
            kind: SourceKind::Live,
            epoch: Epoch(1),
            sequence: 1,
            birth: Birth::Driver(now),
            arrived: now,
        },
    }))
}

fn jpeg(width: u32, height: u32) -> Vec<u8> {
    encode_jpeg(&Subject::numbered(5).draw(width, height, 1)).unwrap()
}

#[test]
fn full_hd_passes_through_untouched_and_no_pixel_more() {
    let bytes = jpeg(1920, 1080);
    let shown = frame(bytes.clone(), Encoding::Jpeg);
    assert!(shown.is_at_hand());
    assert_eq!(shown.file(), Some((bytes.as_slice(), "image/jpeg")));

    let larger = frame(jpeg(1920, 1088), Encoding::Jpeg);
    assert!(!larger.is_at_hand());
    let (reduced, kind) = larger.file().unwrap();
    assert_eq!(portrait::size_of(reduced), Ok((960, 544)));
    assert_eq!(kind, "image/jpeg");
    assert!(larger.is_at_hand());
}

#[test]
fn a_large_frame_is_reduced_once_however_many_ask() {
    let shown = frame(jpeg(3840, 2160), Encoding::Jpeg);
    let places: Vec<usize> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| shown.file().unwrap().0.as_ptr() as usize))
            .collect();
        asking.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(places.iter().all(|place| *place == places[0]));
    let (reduced, _) = shown.file().unwrap();
    assert_eq!(portrait::size_of(reduced), Ok((960, 540)));
}

#[test]
fn raw_pixels_become_a_small_jpeg_of_the_same_colours() {
    let (width, height) = (1920, 1080);
    // BT.601 of a complexion, computed by hand: (199, 141, 120).
    let bytes = [150, 110, 150, 155].repeat(width as usize * height as usize / 2);
    let shown = frame(bytes, Encoding::Yuyv { width, height });
    let (reduced, kind) = shown.file().unwrap();
    assert_eq!(
        (kind, portrait::size_of(reduced)),
        ("image/jpeg", Ok((960, 540)))
    );
    let picture: Raster = portrait::decode(reduced).unwrap();
    let middle = picture.pixel(480, 270);
    let off = [199, 141, 120].map(f64::from);
    let near = middle
        .iter()
        .zip(off)
        .all(|(found, sent)| (f64::from(*found) - sent).abs() <= 4.0);
    assert!(near, "{middle:?}");
}

#[test]
fn what_cannot_be_read_is_not_shown() {
    let half = &jpeg(2400, 1600)[..9000];
    assert!(frame(half.to_vec(), Encoding::Jpeg).file().is_none());
    let short = Encoding::Yuyv {
        width: 64,
        height: 64,
    };
    assert!(frame(vec![0; 100], short).file().is_none());
    assert!(window_file(b"", Encoding::Png).is_none());
}

#[test]
fn a_picture_of_a_press_is_made_small_like_a_frame() {
    let small = jpeg(640, 480);
    let (same, _) = window_file(&small, Encoding::Jpeg).unwrap();
    assert_eq!(same.as_ref(), small);
    let large = jpeg(3000, 4000);
    let (reduced, _) = window_file(&large, Encoding::Jpeg).unwrap();
    assert_eq!(portrait::size_of(&reduced), Ok((720, 960)));
}
