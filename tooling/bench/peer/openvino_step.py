"""A step of ours on OpenVINO beside onnxruntime, in turn, in one process: speed by the processor's time and by the clock, and how far
the numbers are apart.

Usage: node tooling/bench/dist/step-model.js CASE FOLDER, then
       python openvino_step.py FOLDER THREADS ROUNDS
with numpy, onnxruntime and openvino installed.
"""
import json
import pathlib
import resource
import sys
import time

import numpy as np
import onnxruntime as ort
import openvino as ov
from apart import report

folder, threads, rounds = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
feeds = {
    entry["name"]: np.fromfile(folder / f"{i}.bin", dtype=entry["dtype"]).reshape(entry["shape"])
    for i, entry in enumerate(json.loads((folder / "inputs.json").read_text()))
}

options = ort.SessionOptions()
options.intra_op_num_threads, options.inter_op_num_threads, options.log_severity_level = threads, 1, 3
session = ort.InferenceSession(str(folder / "fused.onnx"), options, providers=["CPUExecutionProvider"])
names = [output.name for output in session.get_outputs()]

core = ov.Core()
how = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
started = time.time()
compiled = core.compile_model(core.read_model(folder / "standard.onnx"), "CPU", how)
print(f"OpenVINO {ov.__version__} compiled in {time.time() - started:.1f} s; onnxruntime {ort.__version__}")
request = compiled.create_infer_request()


def processor():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def timed(run):
    before, started = processor(), time.time()
    run()
    return processor() - before, time.time() - started


theirs = lambda: request.infer(feeds, share_inputs=True, share_outputs=True)
ours = lambda: session.run(None, feeds)
for run in (ours, theirs, ours, theirs):
    run()
pairs = []
for _ in range(rounds):
    a, b = timed(ours), timed(theirs)
    pairs.append((a[0] / b[0], a[1] / b[1]))
    print(f"onnxruntime {a[0]:.3f} s, OpenVINO {b[0]:.3f} s of the processor; ratio {pairs[-1][0]:.2f}, by the clock {pairs[-1][1]:.2f}")
print(f"median ratio {np.median([p for p, _ in pairs]):.2f}, by the clock {np.median([c for _, c in pairs]):.2f}")

expected = dict(zip(names, ours()))
theirs()
print("OpenVINO beside onnxruntime, relative to the largest number of each output;", end=" ")
report(expected, {name: request.get_tensor(output).data for output in compiled.outputs for name in output.get_names() & expected.keys()})
