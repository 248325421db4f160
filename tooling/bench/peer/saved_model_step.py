"""A step of ours as a TensorFlow SavedModel, and how far its numbers are from onnxruntime's.

Usage: node tooling/bench/dist/step-model.js CASE FOLDER, then
       python saved_model_step.py FOLDER
with numpy, onnx, onnxruntime and tensorflow installed. The model is written to FOLDER/saved-model.
"""
import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime as ort
import tensorflow as tf
from apart import report
from onnx import numpy_helper

folder = pathlib.Path(sys.argv[1])
model = onnx.load(str(folder / "standard.onnx"))
entries = json.loads((folder / "inputs.json").read_text())
feeds = {
    entry["name"]: np.fromfile(folder / f"{i}.bin", dtype=entry["dtype"]).reshape(entry["shape"])
    for i, entry in enumerate(entries)
}
consts = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}


def gemm(inputs, a):
    x, w, *bias = inputs
    product = tf.linalg.matmul(x, w, transpose_a=bool(a.get("transA", 0)), transpose_b=bool(a.get("transB", 0)))
    if a.get("alpha", 1.0) != 1.0:
        product = product * a["alpha"]
    return product if not bias else product + (bias[0] if a.get("beta", 1.0) == 1.0 else bias[0] * a["beta"])


def layer_norm(inputs, a):
    x, scale, *shift = inputs
    axes = list(range(a.get("axis", -1) % len(x.shape), len(x.shape)))
    mean = tf.reduce_mean(x, axes, keepdims=True)
    centred = x - mean
    inverse = tf.math.rsqrt(tf.reduce_mean(centred * centred, axes, keepdims=True) + a.get("epsilon", 1e-5))
    y = centred * inverse * scale
    return (y if not shift else y + shift[0], mean, inverse)


def axes_of(name):
    return [int(axis) for axis in consts[name]]


def reduction(function):
    return lambda inputs, a, names: function(inputs[0], axes_of(names[1]) if len(names) > 1 else None, keepdims=bool(a.get("keepdims", 1)))


def cut(inputs, a, names):
    starts, ends, *more = (consts[name] for name in names[1:])
    axes = more[0] if more else range(len(starts))
    steps = more[1] if len(more) > 1 else [1] * len(starts)
    index = [slice(None)] * len(inputs[0].shape)
    for start, end, axis, step in zip(starts, ends, axes, steps):
        index[int(axis)] = slice(int(start), int(end) if int(end) < 2**31 else None, int(step))
    return inputs[0][tuple(index)]


def padded(inputs, a, names):
    pads = consts[names[1]].reshape(2, -1).T
    return tf.pad(inputs[0], pads, constant_values=float(consts[names[2]]) if len(names) > 2 and names[2] else 0.0)


plain = {
    "Add": lambda i, a: i[0] + i[1], "Sub": lambda i, a: i[0] - i[1], "Mul": lambda i, a: i[0] * i[1], "Div": lambda i, a: i[0] / i[1],
    "Sqrt": lambda i, a: tf.sqrt(i[0]), "Exp": lambda i, a: tf.exp(i[0]), "Log": lambda i, a: tf.math.log(i[0]),
    "Neg": lambda i, a: -i[0], "Relu": lambda i, a: tf.nn.relu(i[0]), "Erf": lambda i, a: tf.math.erf(i[0]),
    "Max": lambda i, a: tf.maximum(i[0], i[1]), "MatMul": lambda i, a: tf.linalg.matmul(i[0], i[1]), "Gemm": gemm,
    "Transpose": lambda i, a: tf.transpose(i[0], a["perm"]), "Concat": lambda i, a: tf.concat(i, a["axis"]),
    "Softmax": lambda i, a: tf.nn.softmax(i[0], a.get("axis", -1)), "Gelu": lambda i, a: tf.nn.gelu(i[0], a.get("approximate", b"none") == b"tanh"),
    "LayerNormalization": layer_norm, "Sign": lambda i, a: tf.sign(i[0]),
    "Cast": lambda i, a: tf.cast(i[0], {1: tf.float32, 6: tf.int32, 9: tf.bool}[a["to"]]),
}  # fmt: skip
named = {
    "Reshape": lambda i, a, n: tf.reshape(i[0], consts[n[1]]),
    "Expand": lambda i, a, n: tf.broadcast_to(i[0], np.broadcast_shapes(i[0].shape, tuple(consts[n[1]]))),
    "ReduceSum": reduction(tf.reduce_sum), "ReduceMean": reduction(tf.reduce_mean), "ReduceMax": reduction(tf.reduce_max),
    "Slice": cut, "Pad": padded,
}  # fmt: skip
outputs = [each.name for each in model.graph.output]


def step(*args):
    values = dict(zip((entry["name"] for entry in entries), args))
    for node in model.graph.node:
        inputs = [values[n] if n in values else tf.constant(consts[n]) for n in node.input if n]
        attributes = {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}
        if node.op_type in named:
            result = named[node.op_type](inputs, attributes, list(node.input))
        else:
            result = plain[node.op_type](inputs, attributes)
        for name, value in zip(node.output, result if isinstance(result, tuple) else [result]):
            values[name] = value
    return {f"o{i}": values[name] for i, name in enumerate(outputs)}


# Names that a signature may have: i0, i1, .. in the order of inputs.json, o0, o1, .. in the order of the graph's outputs.
# tfjs has no bytes: pixels are int32.
specs = [tf.TensorSpec(entry["shape"], entry["dtype"].replace("uint8", "int32"), name=f"i{i}") for i, entry in enumerate(entries)]
module = tf.Module()
module.step = tf.function(step, input_signature=specs, autograph=False)
concrete = module.step.get_concrete_function()
tf.saved_model.save(module, str(folder / "saved-model"), signatures=concrete)

found = concrete(*(tf.constant(feeds[entry["name"]], spec.dtype) for entry, spec in zip(entries, specs)))
session = ort.InferenceSession(str(folder / "fused.onnx"), providers=["CPUExecutionProvider"])
expected = dict(zip((each.name for each in session.get_outputs()), session.run(None, feeds)))
print(f"{len(model.graph.node)} operations beside onnxruntime, relative to the largest number of each output;", end=" ")
report(expected, {name: found[f"o{i}"].numpy() for i, name in enumerate(outputs)})
