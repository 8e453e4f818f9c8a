"""What somebody else measures on the portraits that were made.

Usage: remeasure.py LINES.jsonl PORTRAITS. Nothing here is of the project: dlib's detector and
68 landmarks for eyes and cheeks, OpenCV's GrabCut for the top of the hair. Definitions differ
a little (dlib's outline ends at the ears, ours at the widest cheek), so differences are told
beside the shares.
"""

import collections
import json
import pathlib
import sys

import cv2
import dlib
import face_recognition_models
import numpy as np

# The national standard at 480 x 640; see assets/profiles/national.toml.
BANDS = {"crown_px": (50, 110), "eye_line_px": (200, 300), "face_width_px": (180, 300), "tilt_deg": (-5, 5)}
# Half of what two ways of measuring may differ by at the end of a band, in the band's unit.
ROOM = {"crown_px": 8, "eye_line_px": 4, "face_width_px": 8, "tilt_deg": 1}


def landmarks(grey, detector, predictor):
    faces = detector(grey, 1)
    if not faces:
        return None
    face = max(faces, key=lambda box: box.area())
    shape = predictor(grey, face)
    return np.array([(shape.part(i).x, shape.part(i).y) for i in range(68)], float)


def crown(picture, points):
    """Top row of GrabCut's foreground that is a tenth of a face wide, in the head's columns.

    On half the size, where it takes a quarter of the time; so it is right to two pixels at best.
    """
    picture, points = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), points / 2
    height, width = picture.shape[:2]
    left, right = points[0, 0], points[16, 0]
    face, middle = right - left, (left + right) / 2
    eyes = points[36:48, 1].mean()
    mask = np.full((height, width), cv2.GC_PR_BGD, np.uint8)
    cv2.ellipse(mask, (int(middle), int(eyes)), (int(face * 0.62), int(face * 1.05)), 0, 0, 360, cv2.GC_PR_FGD, -1)
    cv2.ellipse(mask, (int(middle), int(eyes)), (int(face * 0.42), int(face * 0.55)), 0, 0, 360, cv2.GC_FGD, -1)
    mask[int(points[8, 1]):, max(0, int(middle - face)):int(middle + face)] = cv2.GC_PR_FGD
    mask[:2] = cv2.GC_BGD
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(picture, mask, None, *models, 4, cv2.GC_INIT_WITH_MASK)
    is_person = (mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)
    columns = is_person[:, max(0, int(middle - face * 0.6)):int(middle + face * 0.6)].astype(np.uint8)
    _, parts = cv2.connectedComponents(columns)
    seed = parts[int(eyes), columns.shape[1] // 2]
    enough = (parts == seed).sum(axis=1) >= face * 0.1
    return 2 * float(np.argmax(enough))


def measure(file, detector, predictor):
    picture = cv2.imread(str(file))
    points = landmarks(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), detector, predictor)
    if points is None:
        return None
    right, left = points[36:42].mean(axis=0), points[42:48].mean(axis=0)
    return {
        "crown_px": crown(picture, points),
        "eye_line_px": (right[1] + left[1]) / 2,
        "face_width_px": points[:17, 0].max() - points[:17, 0].min(),
        "tilt_deg": np.degrees(np.arctan2(left[1] - right[1], left[0] - right[0])),
    }


def main():
    lines = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
    pictures = [line for line in lines if "file" in line]
    made = [line for line in pictures if line["ok"]]
    share = 100 * len(made) / len(pictures)
    print(f"    {len(made)} of {len(pictures)} ({share:.0f} %) became portraits whose geometry meets every band")
    reasons = collections.Counter(line.get("code") for line in pictures if not line["ok"])
    for code, number in reasons.most_common():
        print(f"    {number:4} {code}")
    detector = dlib.get_frontal_face_detector()
    predictor = dlib.shape_predictor(face_recognition_models.pose_predictor_model_location())
    told = []
    for at, line in enumerate(made):
        print(f"\r    {at + 1} of {len(made)}", end="", file=sys.stderr, flush=True)
        file = (pathlib.Path(sys.argv[2]) / line["file"]).with_suffix(".jpg")
        told.append((line, measure(file, detector, predictor)))
    print(file=sys.stderr)
    seen = [(line, other) for line, other in told if other]
    print(f"    measured again by dlib and GrabCut: {len(seen)} of {len(made)} (in the others dlib found no face)")
    for name, (least, most) in BANDS.items():
        values = np.array([other[name] for _, other in seen])
        ours = np.array([line["measures"][name] for line, _ in seen])
        if not len(values):
            continue
        inside = int(((values >= least) & (values <= most)).sum())
        near = int(((values >= least - ROOM[name]) & (values <= most + ROOM[name])).sum())
        off = values - ours
        print(
            f"      {name:14} {least}..{most}: {inside} inside, {near} inside or within {ROOM[name]} of it;"
            f" theirs less ours {np.median(off):+.1f} median, {np.percentile(off, 5):+.1f} to {np.percentile(off, 95):+.1f}"
        )


main()
