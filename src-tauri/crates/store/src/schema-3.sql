-- Since version 3.
-- The text of the photo standard the job was made with: a later program may ship another one.
CREATE TABLE job_standard (
  job_id INTEGER PRIMARY KEY NOT NULL REFERENCES job (job_id) CONSTRAINT standard_single CHECK (job_id = 1),
  text TEXT NOT NULL CONSTRAINT standard_length CHECK (length(text) BETWEEN 1 AND 65536),
  -- What holds where the text is silent, as it was then.
  usual TEXT NOT NULL CONSTRAINT standard_usual CHECK (length(usual) BETWEEN 1 AND 65536)
) STRICT;

-- A second file beside a portrait: its background brought to the colour of the photo standard.
-- Never alone: it is signed together with the portrait it was made from.
CREATE TABLE photo_normalised (
  photo_id INTEGER PRIMARY KEY NOT NULL REFERENCES photo (photo_id),
  portrait_sha256 BLOB NOT NULL CONSTRAINT normalised_portrait CHECK (length(portrait_sha256) = 32),
  sha256 BLOB NOT NULL UNIQUE CONSTRAINT normalised_sha256 CHECK (length(sha256) = 32),
  quality INTEGER NOT NULL CONSTRAINT normalised_quality CHECK (quality BETWEEN 1 AND 100),
  signature BLOB NOT NULL CONSTRAINT normalised_signature CHECK (length(signature) = 64),
  picture BLOB NOT NULL CONSTRAINT normalised_size CHECK (length(picture) BETWEEN 1 AND 1048576)
) STRICT;
