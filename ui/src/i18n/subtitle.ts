// The second row of the state line: one English sentence for the photographer's colleague who reads no Chinese, and for the
// English window the thing to do.
export const SUBTITLES: Record<string, string> = {
  "put-document": "Put the document on the reader.",
  reading: "Reading the document twice. Do not move it.",
  seated: "Verified. Press Space to expose.",
  exposing: "Hold still.",
  developing: "The portrait is being made.",
  review: "The subject looks at this picture now. Enter files it, R takes another.",
  filing: "Last read of the document, then one write.",
  filed: "Filed. The document must leave before the next subject.",
  "take-document": "The document must leave before the next subject.",
  "camera-starting": "Waiting for the first frame.",
  "reader-starting": "Waiting for the reader.",
  "booth-closed": "Open the booth to begin.",
  "station-silent": "Nothing can be exposed or filed from here until it answers.",
};
