//! Where a face lies in a picture.

use crate::compose::Crop;

/// A position in a picture, in pixels from the top left corner. (0, 0) is the outer corner of
/// the first pixel, whose centre is (0.5, 0.5).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Rightwards, as seen in the picture.
    pub x: f32,
    /// Downwards.
    pub y: f32,
}

/// The measures of one face that the photo standard speaks of, in pixels of the picture they
/// were taken from. Made by `vision`; plain data, so that tests and drawn subjects can make
/// their own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FaceGeometry {
    /// Width of the picture in pixels.
    pub picture_width: u32,
    /// Height of the picture in pixels.
    pub picture_height: u32,
    /// Faces of a size comparable to the largest one, itself included. The measures are those of
    /// the largest.
    pub faces: u32,
    /// Top of the hair (of the head covering, where one is worn), from the upper edge.
    pub crown_y: f32,
    /// Centre of the subject's own left eye: the one further right in an unmirrored picture.
    pub left_eye: Point,
    /// Centre of the subject's own right eye: the one further left in an unmirrored picture.
    pub right_eye: Point,
    /// Lowest point of the chin.
    pub chin: Point,
    /// Outermost point of the cheek that is further left in the picture.
    pub cheek_min_x: f32,
    /// Outermost point of the cheek that is further right in the picture.
    pub cheek_max_x: f32,
}

impl FaceGeometry {
    /// Height of the line between the eye centres, at its middle, from the upper edge.
    #[must_use]
    pub fn eye_line_y(&self) -> f32 {
        f32::midpoint(self.left_eye.y, self.right_eye.y)
    }

    /// Width of the face from cheek to cheek.
    #[must_use]
    pub fn face_width(&self) -> f32 {
        self.cheek_max_x - self.cheek_min_x
    }

    /// Middle of the face between the cheeks, from the left edge.
    #[must_use]
    pub fn centre_x(&self) -> f32 {
        f32::midpoint(self.cheek_min_x, self.cheek_max_x)
    }

    /// Tilt of the line between the eyes in degrees; positive when the subject's left eye is the
    /// lower one.
    #[must_use]
    pub fn tilt_deg(&self) -> f32 {
        let across = self.left_eye.x - self.right_eye.x;
        let down = self.left_eye.y - self.right_eye.y;
        down.atan2(across).to_degrees()
    }

    /// Distance between the eye centres.
    #[must_use]
    pub fn eye_distance(&self) -> f32 {
        (self.left_eye.x - self.right_eye.x).hypot(self.left_eye.y - self.right_eye.y)
    }

    /// Whether the numbers can be those of an upright face at all: finite, crown above eyes above
    /// chin, cheeks apart, eyes between the cheeks' order. Anything else is a fault of the
    /// measuring, which must not become a crop.
    #[must_use]
    pub fn is_plausible(&self) -> bool {
        let numbers = [
            self.crown_y,
            self.left_eye.x,
            self.left_eye.y,
            self.right_eye.x,
            self.right_eye.y,
            self.chin.x,
            self.chin.y,
            self.cheek_min_x,
            self.cheek_max_x,
        ];
        numbers.iter().all(|number| number.is_finite())
            && self.crown_y < self.eye_line_y()
            && self.eye_line_y() < self.chin.y
            && self.face_width() > 0.0
            && self.right_eye.x < self.left_eye.x
            && self.picture_width > 0
            && self.picture_height > 0
    }

    /// The same face as it lies in the portrait that [`crate::render`] makes of `crop`.
    #[must_use]
    pub fn through(&self, crop: &Crop) -> Self {
        let point = |point: Point| Point {
            x: crop.map_x(point.x),
            y: crop.map_y(point.y),
        };
        Self {
            picture_width: crop.portrait_width(),
            picture_height: crop.portrait_height(),
            faces: self.faces,
            crown_y: crop.map_y(self.crown_y),
            left_eye: point(self.left_eye),
            right_eye: point(self.right_eye),
            chin: point(self.chin),
            cheek_min_x: crop.map_x(self.cheek_min_x),
            cheek_max_x: crop.map_x(self.cheek_max_x),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A well-framed head in a 1080 x 1440 picture, proportions of an adult.
    pub(crate) fn adult() -> FaceGeometry {
        FaceGeometry {
            picture_width: 1080,
            picture_height: 1440,
            faces: 1,
            crown_y: 300.0,
            left_eye: Point { x: 620.0, y: 640.0 },
            right_eye: Point { x: 460.0, y: 640.0 },
            chin: Point { x: 540.0, y: 940.0 },
            cheek_min_x: 340.0,
            cheek_max_x: 740.0,
        }
    }

    #[test]
    fn measures_follow_from_the_points() {
        let mut face = adult();
        face.left_eye.y = 656.0;
        assert!((face.eye_line_y() - 648.0).abs() < 1e-4);
        assert!((face.face_width() - 400.0).abs() < 1e-4);
        assert!((face.centre_x() - 540.0).abs() < 1e-4);
        assert!((face.tilt_deg() - 5.71).abs() < 0.01);
    }

    #[test]
    fn nonsense_is_not_plausible() {
        assert!(adult().is_plausible());
        assert!(
            !FaceGeometry {
                crown_y: f32::NAN,
                ..adult()
            }
            .is_plausible()
        );
        assert!(
            !FaceGeometry {
                crown_y: 700.0,
                ..adult()
            }
            .is_plausible()
        );
        assert!(
            !FaceGeometry {
                cheek_max_x: 340.0,
                ..adult()
            }
            .is_plausible()
        );
        let swapped = FaceGeometry {
            left_eye: adult().right_eye,
            right_eye: adult().left_eye,
            ..adult()
        };
        assert!(
            !swapped.is_plausible(),
            "a mirrored or upside-down face has its eyes swapped"
        );
    }
}
