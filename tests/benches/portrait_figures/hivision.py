"""The published steps of HivisionIDPhotos (hivision/creator and hivision/utils.py), without its beautifying.

    hivision.py CUTTER COUNT FILE OUT

Its own weights for the person lie outside of the package registries. CUTTER is `none`, and the picture
stays opaque; or a file of ISNet (`tests/evaluate/cutter.py`): the architecture and the size of input of
RMBG-1.4, one of the networks it offers, with other weights, so for the same work. The face is found by
its own default, the three networks of `mtcnn-runtime`, at half the size, as there; the frame is at most
2000 pixels long; the face has a fifth of the crop's area; the quality falls from 95 by fives until the
file is small enough. Nothing of theirs reads the file again.
"""
import io
import pathlib
import sys

import cv2
import numpy as np
import onnxruntime
from PIL import Image

SESSION = onnxruntime.InferenceSession


def one_thread(*arguments, **named):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return SESSION(*arguments, **({"sess_options": options} | named))


onnxruntime.InferenceSession = one_thread
cv2.setNumThreads(1)

from mtcnnruntime import MTCNN  # noqa: E402  after the sessions have one thread

sys.path.append(str(pathlib.Path(__file__).parents[2] / "evaluate"))
import cutter  # noqa: E402

SIZE = (640, 480)
BLUE = (255, 197, 100)
finder = MTCNN()


def find(picture):
    half = (picture.shape[1] // 2, picture.shape[0] // 2)
    small = cv2.resize(picture, half, interpolation=cv2.INTER_AREA)
    faces, _ = finder.detect(small, thresholds=[0.8, 0.8, 0.8])
    if len(faces) == 1:
        faces = faces * 2
    else:
        faces, _ = finder.detect(picture)
    assert len(faces) == 1, "no face, or several"
    left, top, right, bottom = faces[0][:4]
    return left, top, right - left + 1, bottom - top + 1


def cut(picture, box):
    x, y, w, h = box
    scale = (w * h / 0.2 / (SIZE[0] * SIZE[1])) ** 0.5
    height, width = int(SIZE[0] * scale), int(SIZE[1] * scale)
    left, top = int(x + w / 2 - width / 2), int(y + h / 2 - height * 0.45)
    # What lies outside of the frame is transparent there, and becomes background.
    whole = np.zeros((height, width, 4), np.uint8)
    inner_top, inner_left = max(-top, 0), max(-left, 0)
    part = picture[max(top, 0) : top + height, max(left, 0) : left + width]
    whole[inner_top : inner_top + part.shape[0], inner_left : inner_left + part.shape[1]] = part
    return cv2.resize(whole, (SIZE[1], SIZE[0]), interpolation=cv2.INTER_AREA)


def on_background(picture):
    blue, green, red, alpha = cv2.split(picture)
    share = alpha / 255
    parts = [(c - b) * share + b for c, b in zip((blue, green, red), BLUE)]
    return cv2.merge(parts)


def encode(portrait, kilobytes):
    picture = Image.fromarray(portrait.astype(np.uint8)[:, :, ::-1])
    quality = 95
    while True:
        file = io.BytesIO()
        picture.save(file, format="JPEG", quality=quality, dpi=(300, 300))
        if file.tell() <= kilobytes * 1024 or quality == 1:
            return file.getvalue()
        quality = max(quality - 5, 1)


def main(model, count, name, out):
    cut_out = None if model == "none" else cutter.load(model, threads=1)
    for _ in range(int(count)):
        picture = cv2.imdecode(np.fromfile(name, np.uint8), cv2.IMREAD_COLOR)
        longest = max(picture.shape)
        if longest > 2000:
            picture = cv2.resize(picture, None, fx=2000 / longest, fy=2000 / longest, interpolation=cv2.INTER_AREA)
        person = cv2.cvtColor(picture, cv2.COLOR_BGR2BGRA)
        if cut_out is not None:
            person[:, :, 3] = cut_out(picture) * 255
        file = encode(on_background(cut(person, find(picture))), 40)
        with open(out, "wb") as target:
            target.write(file)


main(*sys.argv[1:])
