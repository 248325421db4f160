"""Writes safetensors.json: files by the reference implementation, and its verdict on damaged ones.

Run: pip install safetensors numpy; python make_safetensors.py
"""

import base64
import json
import random
from importlib.metadata import version
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

random.seed(7)


def file(header, data=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + data


def verdict(raw):
    try:
        load(raw)
        return "ok"
    except SafetensorError as error:
        return str(error)
    except (KeyError, TypeError, ValueError) as error:
        return f"numpy: {error}"


def case(name, raw):
    return {"name": name, "bytes": base64.b64encode(raw).decode(), "verdict": verdict(raw)}


tensors = {
    "encoder/patch/w": (np.arange(12, dtype=np.float32) / 7 - 0.5).reshape(3, 4),
    "b": np.array([np.nan, np.inf, -np.inf, -0.0, 1e-45], dtype=np.float32),
    "step": np.array(120, dtype=np.int32),
    "order": np.array([[-1, 2], [2**31 - 1, -(2**31)]], dtype=np.int32),
    "pixels": np.array([0, 127, 255], dtype=np.uint8),
    "empty": np.zeros((0, 3), dtype=np.float32),
    "__proto__": np.array([4.0], dtype=np.float32),
    "é\U0001f98a \"x\"": np.array([5], dtype=np.uint8),
    "\uff5e": np.array([6], dtype=np.uint8),
}
reference = save(tensors, metadata={"made by": "the reference"})

one = {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]}
cases = [
    case("empty file", b""),
    case("seven bytes", b"\0" * 7),
    case("no header", file(b"")),
    case("empty record", file({})),
    case("header longer than the file", file({"a": one}, b"1234", 10_000)),
    case("header over the limit", file({"a": one}, b"1234", 100_000_001)),
    case("header length overflows", file({"a": one}, b"1234", 2**64 - 1)),
    case("one tensor", file({"a": one}, b"1234")),
    case("padded header", file(json.dumps({"a": one}).encode() + b"   ", b"1234")),
    case("header begins with a blank", file(b" " + json.dumps({"a": one}).encode(), b"1234")),
    case("header ends with NUL", file(json.dumps({"a": one}).encode() + b"\0", b"1234")),
    case("header not UTF-8", file(b'{"\xff":1}')),
    case("header is a list", file(b"[]")),
    case("bytes after the last tensor", file({"a": one}, b"12345")),
    case("file cut", file({"a": one}, b"123")),
    case("hole", file({"a": one, "b": {**one, "data_offsets": [5, 9]}}, b"123456789")),
    case("hole at the start", file({"a": {**one, "data_offsets": [1, 5]}}, b"12345")),
    case("overlap", file({"a": one, "b": {**one, "data_offsets": [2, 6]}}, b"123456")),
    case("same place twice", file({"a": one, "b": one}, b"1234")),
    case("end before start", file({"a": {**one, "data_offsets": [4, 0]}}, b"1234")),
    case("shape too large", file({"a": {**one, "shape": [5]}}, b"1234")),
    case("shape overflows", file({"a": {**one, "shape": [2**40, 2**40]}}, b"1234")),
    case("negative shape", file({"a": {**one, "shape": [-4]}}, b"1234")),
    case("fraction in shape", file({"a": {**one, "shape": [4.5]}}, b"1234")),
    case("two tensors out of order", file({"b": {**one, "data_offsets": [4, 8]}, "a": one}, b"12345678")),
    case("empty tensor between", file({"a": one, "e": {"dtype": "F32", "shape": [0], "data_offsets": [4, 4]}, "z": {**one, "data_offsets": [4, 8]}}, b"12345678")),
    case("missing dtype", file({"a": {"shape": [4], "data_offsets": [0, 4]}}, b"1234")),
    case("unknown dtype", file({"a": {**one, "dtype": "U7"}}, b"1234")),
    case("three offsets", file({"a": {**one, "data_offsets": [0, 4, 4]}}, b"1234")),
    case("metadata with a number", file({"__metadata__": {"x": 1}, "a": one}, b"1234")),
    case("metadata with a text", file({"__metadata__": {"x": "1"}, "a": one}, b"1234")),
    case("entry is a number", file({"a": 4}, b"1234")),
    case("unaligned header", file(json.dumps({"f": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode() + b" ", b"\0\0\x80\x3f")),
]
base = file({"ab": {"dtype": "F32", "shape": [2, 1], "data_offsets": [0, 8]}, "c": {**one, "data_offsets": [8, 12]}}, bytes(range(12)))
for i in range(300):
    raw = bytearray(base)
    for _ in range(random.choice([1, 1, 2])):
        at = random.randrange(8, len(raw) - 12)
        action = random.randrange(4)
        if action == 0:
            raw[at] ^= 1 << random.randrange(8)
        elif action == 1:
            raw[at] = random.choice(b'{}[],:"0123456789 -')
        elif action == 2:
            del raw[at]
        else:
            raw.insert(at, random.choice(b'{}[],:"0123456789 -'))
    if random.random() < 0.7:  # keep the length honest, so that the damage inside is what is judged
        raw[:8] = (len(raw) - 8 - 12).to_bytes(8, "little")
    cases.append(case(f"mutation {i}", bytes(raw)))

values = {name: {"dtype": str(array.dtype), "shape": list(array.shape), "bytes": base64.b64encode(array.tobytes()).decode()} for name, array in tensors.items()}
out = {"made with": f"safetensors {version('safetensors')}", "reference": base64.b64encode(reference).decode(), "values": values, "cases": cases}
lines = ",\n".join(f"{json.dumps(key)}: " + ("[\n" + ",\n".join(json.dumps(c) for c in value) + "\n]" if key == "cases" else json.dumps(value)) for key, value in out.items())
Path(__file__).with_name("safetensors.json").write_text("{\n" + lines + "\n}\n")
accepted = sum(c["verdict"] == "ok" for c in cases)
print(f"{len(cases)} cases, {accepted} accepted")
