"""What somebody else measures on the portraits that were made.

Usage: remeasure.py LINES.jsonl PORTRAITS CUTTER.onnx. Nothing here is of the project: dlib's
detector and 68 landmarks for eyes and cheeks, and for the top of the hair a network that cuts
people out (`cutter.py`). Definitions differ
a little (dlib's outline ends at the ears, ours at the widest cheek), so differences are told
beside the shares.
"""

import collections
import json
import pathlib
import sys

import cv2
import cutter
import dlib
import face_recognition_models
import numpy as np

# The national standard at 480 x 640; see assets/profiles/national.toml.
BANDS = {"crown_px": (50, 110), "eye_line_px": (200, 300), "face_width_px": (180, 300), "tilt_deg": (-5, 5)}
# Findings about geometry that warn.
GEOMETRY = {"eyes-tilted", "off-centre"}
# Half of what two ways of measuring may differ by at the end of a band, in the band's unit.
ROOM = {"crown_px": 8, "eye_line_px": 4, "face_width_px": 8, "tilt_deg": 1}


def landmarks(grey, detector, predictor):
    faces = detector(grey, 1)
    if not faces:
        return None
    face = max(faces, key=lambda box: box.area())
    shape = predictor(grey, face)
    return np.array([(shape.part(i).x, shape.part(i).y) for i in range(68)], float)


def crown(picture, points, cutter):
    """Top row that shows a tenth of a face's width of the person, in the head's columns, where there is one."""
    if cutter is None:
        return None
    left, right = points[0, 0], points[16, 0]
    face, middle = right - left, (left + right) / 2
    is_person = cutter(picture) > 0.5
    columns = is_person[:, max(0, int(middle - face * 0.6)):int(middle + face * 0.6)].astype(np.uint8)
    _, parts = cv2.connectedComponents(columns)
    eyes = int(points[36:48, 1].mean())
    seed = parts[eyes, columns.shape[1] // 2]
    if seed == 0:
        return None
    enough = (parts == seed).sum(axis=1) >= face * 0.1
    return float(np.argmax(enough)) if enough.any() else None


def measure(file, detector, predictor, cut):
    picture = cv2.imread(str(file))
    points = landmarks(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), detector, predictor)
    if points is None:
        return None
    right, left = points[36:42].mean(axis=0), points[42:48].mean(axis=0)
    return {
        "crown_px": crown(picture, points, cut),
        "eye_line_px": (right[1] + left[1]) / 2,
        "face_width_px": points[:17, 0].max() - points[:17, 0].min(),
        "tilt_deg": np.degrees(np.arctan2(left[1] - right[1], left[0] - right[0])),
    }


def main():
    lines = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
    pictures = [line for line in lines if "file" in line]
    made = [line for line in pictures if line["ok"]]
    share = 100 * len(made) / len(pictures)
    even = [line for line in made if not GEOMETRY & {finding["code"] for finding in line["findings"] if finding["severity"] == "warns"}]
    print(f"    {len(made)} of {len(pictures)} ({share:.0f} %) became portraits: every band that blocks is met;")
    print(f"    {len(even)} of them meet those that warn (tilt of the eye line, middle of the face) as well")
    reasons = collections.Counter(line.get("code") for line in pictures if not line["ok"])
    for code, number in reasons.most_common():
        print(f"    {number:4} {code}")
    detector = dlib.get_frontal_face_detector()
    predictor = dlib.shape_predictor(face_recognition_models.pose_predictor_model_location())
    cut = cutter.load(sys.argv[3]) if pathlib.Path(sys.argv[3]).exists() else None
    told = []
    for at, line in enumerate(made):
        print(f"\r    {at + 1} of {len(made)}", end="", file=sys.stderr, flush=True)
        file = (pathlib.Path(sys.argv[2]) / line["file"]).with_suffix(".jpg")
        told.append((line, measure(file, detector, predictor, cut)))
    print(file=sys.stderr)
    seen = [(line, other) for line, other in told if other]
    print(f"    measured again by dlib and ISNet: {len(seen)} of {len(made)} (in the others dlib found no face)")
    for name, (least, most) in BANDS.items():
        both = [(other[name], line["measures"][name], line["file"]) for line, other in seen if other[name] is not None]
        values, ours = (np.array([pair[at] for pair in both]) for at in range(2))
        if not len(values):
            continue
        inside = int(((values >= least) & (values <= most)).sum())
        near = int(((values >= least - ROOM[name]) & (values <= most + ROOM[name])).sum())
        off = values - ours
        print(
            f"      {name:14} {least}..{most}: {inside} inside, {near} inside or within {ROOM[name]} of it;"
            f" theirs less ours {np.median(off):+.1f} median, {np.percentile(off, 5):+.1f} to {np.percentile(off, 95):+.1f}"
        )
        # Whoever wants to know who is right has to look.
        far = [pair for pair in both if not least - ROOM[name] <= pair[0] <= most + ROOM[name]]
        for value, own, file in far[:20]:
            print(f"        {file}: theirs {value:.0f}, ours {own:.0f}")


main()
