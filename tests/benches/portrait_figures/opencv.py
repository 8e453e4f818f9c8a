"""The steps of a guidance frame and of a shot, as one writes them with OpenCV of Debian.

    opencv.py guidance|shot COUNT FILE [OUT]

Debian has OpenCV's cascades and no network for faces, so the face and its eyes are found by those; the
top of the hair comes from GrabCut over the surroundings of the head, at the resolution that ours looks
at it. The crop is scaled by Lanczos, the quality is halved until the largest file inside the byte window
is known, and the file is decoded again and measured: background against its colour, gradient of the
background, light and entropy of the face, sharpness.
"""
import sys

import cv2
import numpy as np

DATA = "/usr/share/opencv4/haarcascades/"
SIZE, BYTES, DPI = (480, 640), (30720, 40960), 300
CROWN, EYES = 80, 250  # the middles of their bands
BLUE = np.uint8([[[255, 197, 100]]])

cv2.setNumThreads(1)
face_finder = cv2.CascadeClassifier(DATA + "haarcascade_frontalface_default.xml")
eye_finder = cv2.CascadeClassifier(DATA + "haarcascade_eye.xml")


def decode(data):
    return cv2.imdecode(data, cv2.IMREAD_COLOR)


def shrunk(picture, width):
    factor = picture.shape[1] / width
    return cv2.resize(picture, None, fx=1 / factor, fy=1 / factor, interpolation=cv2.INTER_AREA), factor


def find(picture):
    """Face box and eye line, in pixels of the picture: the faces sought at 640 pixels across, and of them
    the largest that has eyes, sought in a face of 200 pixels: the cascade sees faces in patterns, too."""
    small, factor = shrunk(picture, 640)
    grey = cv2.equalizeHist(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY))
    faces = face_finder.detectMultiScale(grey, 1.1, 5, minSize=(60, 60))
    for face in sorted(faces, key=lambda box: -box[2]):
        x, y, w, h = (int(part * factor) for part in face)
        upper, of_eyes = shrunk(picture[y : y + h * 6 // 10, x : x + w], 200)
        eyes = eye_finder.detectMultiScale(cv2.cvtColor(upper, cv2.COLOR_BGR2GRAY), 1.1, 3)
        if len(eyes) > 1:
            line = y + of_eyes * np.median([top + high / 2 for _, top, _, high in eyes])
            return (x, y, w, h), line
    raise SystemExit("no face with eyes")


def crown(picture, box):
    """Top of the hair by GrabCut over three by three face widths, 144 pixels across."""
    x, y, w, h = box
    left, top = int(max(x - w, 0)), int(max(y - w, 0))
    part = picture[top : int(y + 2 * h), left : int(x + 2 * w)]
    part, factor = shrunk(part, 144)
    mask = np.full(part.shape[:2], cv2.GC_PR_BGD, np.uint8)
    x, y, w, h = (int(v) for v in ((x - left) / factor, (y - top) / factor, w / factor, h / factor))
    mask[:4], mask[:, :4], mask[:, -4:] = cv2.GC_BGD, cv2.GC_BGD, cv2.GC_BGD
    mask[max(y - h // 2, 4) :, max(x - w // 4, 4) : x + w + w // 4] = cv2.GC_PR_FGD
    mask[y + h // 4 : y + h, x + w // 4 : x + 3 * w // 4] = cv2.GC_FGD
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(part, mask, None, *models, 3, cv2.GC_INIT_WITH_MASK)
    head = (mask[:, x + w // 4 : x + 3 * w // 4] & 1).sum(axis=1) > w // 8
    return top + int(np.argmax(head)) * factor


def render(picture, box, line, crown_y):
    scale = (EYES - CROWN) / max(line - crown_y, 1)
    scale = max(scale, SIZE[0] / picture.shape[1], SIZE[1] / picture.shape[0])
    width, height = SIZE[0] / scale, SIZE[1] / scale
    left = min(max(box[0] + box[2] / 2 - width / 2, 0), picture.shape[1] - width)
    top = min(max(line - EYES / scale, 0), picture.shape[0] - height)
    if scale < 1:
        # OpenCV's Lanczos does not widen when it shrinks: whoever cares for aliasing blurs first.
        picture = cv2.GaussianBlur(picture, (0, 0), 0.4 / scale)
    matrix = np.float64([[scale, 0, -left * scale], [0, scale, -top * scale]])
    return cv2.warpAffine(picture, matrix, SIZE, flags=cv2.INTER_LANCZOS4)


def encode(portrait):
    low, high, best = 60, 100, None
    while low <= high:
        quality = (low + high) // 2
        done, data = cv2.imencode(".jpg", portrait, [cv2.IMWRITE_JPEG_QUALITY, quality])
        assert done
        if len(data) <= BYTES[1]:
            best, low = data, quality + 1
        else:
            high = quality - 1
    assert best is not None and len(best) >= BYTES[0], "the byte window is missed"
    best[13:18] = (1, DPI >> 8, DPI & 255, DPI >> 8, DPI & 255)
    return best


def check(data):
    again = decode(data)
    assert again.shape == (SIZE[1], SIZE[0], 3)
    lab = cv2.cvtColor(again.astype(np.float32) / 255, cv2.COLOR_BGR2LAB)
    corners = np.concatenate((lab[:160, :48], lab[:160, -48:]), axis=1).reshape(-1, 3)
    blue = cv2.cvtColor(BLUE.astype(np.float32) / 255, cv2.COLOR_BGR2LAB)[0, 0]
    lightness = lab[:, :, 0]
    steep = np.hypot(cv2.Scharr(lightness, cv2.CV_32F, 1, 0), cv2.Scharr(lightness, cv2.CV_32F, 0, 1))
    grey = cv2.cvtColor(again, cv2.COLOR_BGR2GRAY)
    face = grey[200:400, 140:340]
    shares = np.bincount(face.ravel(), minlength=256) / face.size
    return (
        np.linalg.norm(np.median(corners, axis=0) - blue),
        steep[:160].mean(),
        face.mean(),
        -(shares[shares > 0] * np.log2(shares[shares > 0])).sum(),
        cv2.Laplacian(face, cv2.CV_32F).var(),
    )


def main(goal, count, name, out=None):
    for _ in range(int(count)):
        picture = decode(np.fromfile(name, np.uint8))
        box, line = find(picture)
        if goal == "shot":
            portrait = encode(render(picture, box, line, crown(picture, box)))
            portrait.tofile(out)
            assert all(np.isfinite(check(portrait)))


main(*sys.argv[1:])
