-- Since version 2.
-- What the camera was set to when the frame of a filed portrait was taken.
CREATE TABLE photo_controls (
  photo_id INTEGER PRIMARY KEY NOT NULL REFERENCES photo (photo_id),
  controls TEXT NOT NULL CONSTRAINT controls_length CHECK (length(controls) BETWEEN 1 AND 1024)
) STRICT;
