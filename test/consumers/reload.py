"""Reads what `twinview export` wrote with the libraries it was written for.

    python reload.py libraries                  which of them this Python has, as JSON
    python reload.py torch IMAGES FILE..        FILE.safetensors into timm's or torchvision's module
    python reload.py onnx IMAGES FILE..         FILE.onnx into onnxruntime
    python reload.py parquet FILE               the column `features` of a parquet file

The features of FILE are written to FILE.out. IMAGES and the features are raw little-endian float32: images [n, 3, side, side], the
features one row after the other.
"""

import importlib.util
import json
import sys

LIBRARIES = ["numpy", "onnxruntime", "safetensors", "torch", "timm", "torchvision", "pyarrow"]


def images(path, side):
    import numpy as np

    return np.fromfile(path, dtype="<f4").reshape(-1, 3, side, side)


def timm_module(arguments):
    from timm.models.vision_transformer import VisionTransformer

    return VisionTransformer(**arguments)


def torchvision_module(model, arguments):
    import torch
    import torchvision

    assert arguments["width"] == 64, "torchvision's constructors know one width"
    module = getattr(torchvision.models, model.rsplit(".", 1)[1])(weights=None)
    module.fc = torch.nn.Identity()
    if arguments["stem"] == "small":  # as everybody changes it for small images
        module.conv1 = torch.nn.Conv2d(3, 64, 3, 1, 1, bias=False)
        module.maxpool = torch.nn.Identity()
    return module


def by_torch(pixels, file):
    import torch
    from safetensors.torch import load_file, safe_open

    with safe_open(file, "pt") as opened:
        said = opened.metadata()
    arguments = json.loads(said["arguments"])
    module = timm_module(arguments) if said["library"] == "timm" else torchvision_module(said["model"], arguments)
    module.load_state_dict(load_file(file))  # strict: every name and shape fits, none is left over
    module.eval()
    with torch.no_grad():
        module(torch.from_numpy(images(pixels, int(said["image"])))).numpy().astype("<f4").tofile(f"{file}.out")


def by_onnxruntime(pixels, file):
    import onnxruntime

    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    side = session.get_inputs()[0].shape[2]
    session.run(["features"], {"pixel_values": images(pixels, side)})[0].astype("<f4").tofile(f"{file}.out")


def by_parquet(file):
    import numpy as np
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(file)
    np.asarray(table["features"].to_pylist(), dtype="<f4").tofile(f"{file}.out")


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    if what == "libraries":
        print(json.dumps([name for name in LIBRARIES if importlib.util.find_spec(name)]))
    elif what == "parquet":
        by_parquet(*rest)
    else:
        pixels, *files = rest
        for file in files:
            {"torch": by_torch, "onnx": by_onnxruntime}[what](pixels, file)
