"""Writes golden/transforms.json: the results of torchvision (PIL backend) at fixed parameters.

Run with torchvision and pillow installed:
    python generate.py [folder of emoji-datasource-google's img/google/64]
The emoji are Google's Noto, under the Apache licence. Without the folder only the synthetic images are used.
"""

import base64
import json
import pathlib
import sys

import numpy as np
import PIL
import torch
import torchvision
from PIL import Image
from torchvision.transforms import functional as F

HERE = pathlib.Path(__file__).parent
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def photo(seed, width, height):
    """Smooth colour gradients with soft shapes and grain: the statistics of a photograph, no licence to ask for."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width] / max(width, height)
    out = np.zeros((height, width, 3))
    for c in range(3):
        a, b, p, q = rng.uniform(-3, 3, 4)
        out[..., c] = 128 + 70 * np.sin(3 * a * x + p) + 50 * np.cos(3 * b * y + q)
    for _ in range(5):
        cx, cy, r = rng.uniform(0, 1, 3)
        colour = rng.uniform(0, 255, 3)
        mask = 1 / (1 + np.exp(((x - cx) ** 2 + (y - cy) ** 2 - (0.05 + r / 8) ** 2) * 400))
        out = out * (1 - mask[..., None]) + colour * mask[..., None]
    return Image.fromarray((out + rng.normal(0, 6, out.shape)).clip(0, 255).astype(np.uint8))


def emoji(folder, name):
    rgba = Image.open(folder / name).convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")


def images():
    found = {"photo": photo(1, 40, 32), "tall": photo(2, 24, 48), "large": photo(3, 150, 110)}
    if len(sys.argv) > 1:
        folder = pathlib.Path(sys.argv[1])
        found |= {"cat": emoji(folder, "1f431.png"), "rainbow": emoji(folder, "1f308.png")}
    return found


def b64(image):
    """Bytes [height, width, 3] of an image; float32 of the same order of a tensor [3, height, width]."""
    if isinstance(image, torch.Tensor):
        floats = image.permute(1, 2, 0).contiguous().numpy()
        return {"width": floats.shape[1], "height": floats.shape[0], "floats": base64.b64encode(floats.tobytes()).decode()}
    return {"width": image.width, "height": image.height, "rgb": base64.b64encode(image.tobytes()).decode()}


def crop(image, box, size):
    left, top, width, height = box
    return F.resized_crop(image, top, left, height, width, size, F.InterpolationMode.BILINEAR, antialias=True)


ADJUST = {
    "brightness": F.adjust_brightness,
    "contrast": F.adjust_contrast,
    "saturation": F.adjust_saturation,
    "hue": F.adjust_hue,
}


def blur(image, sigma):
    return F.gaussian_blur(image, [23, 23], [sigma, sigma])


def view(image, p):
    c = p["crop"]
    out = crop(image, [c["left"], c["top"], c["width"], c["height"]], [p["size"], p["size"]])
    for step in p["jitter"]:
        out = ADJUST[step["change"]](out, step["factor"])
    if p["grayscale"]:
        out = F.to_grayscale(out, 3)
    if p["blur"] is not None:
        out = blur(out, p["blur"])
    if p["solarize"]:
        out = F.solarize(out, 128)
    return F.hflip(out) if p["flip"] else out


def cases(name, image):
    w, h = image.size
    if name == "large":
        for box, size in [([0, 0, 150, 110], 24), ([13, 7, 101, 90], 32)]:
            yield "crop", {"box": box, "size": size}, crop(image, box, [size, size])
        yield "center", {"size": 24, "shorterSide": 28}, F.center_crop(F.resize(image, 28, antialias=True), [24, 24])
        return
    for box, size in [([0, 0, w, h], 32), ([3, 5, 17, 11], 28), ([w - 8, h - 9, 8, 9], 20)]:
        yield "crop", {"box": box, "size": size}, crop(image, box, [size, size])
    yield "center", {"size": 24, "shorterSide": 24}, F.center_crop(F.resize(image, 24, antialias=True), [24, 24])
    small = image.crop((0, 0, 24, 24))
    for change, factors in {"brightness": [0.6, 1.4], "contrast": [0.6, 1.4], "saturation": [0.2, 1.2, 1.8], "hue": [-0.1, 0.1, 0.37]}.items():
        for factor in factors:
            yield change, {"factor": factor}, ADJUST[change](small, factor)
    yield "grayscale", {}, F.to_grayscale(small, 3)
    yield "solarize", {"threshold": 128}, F.solarize(small, 128)
    yield "flip", {}, F.hflip(small)
    yield "normalize", {"mean": MEAN, "std": STD}, F.normalize(F.to_tensor(small), MEAN, STD)
    for sigma in [0.1, 0.5, 1.0, 1.37, 2.0]:
        yield "blur", {"sigma": sigma}, blur(small, sigma)
    orders = [["hue", "contrast", "brightness", "saturation"], ["saturation", "brightness", "hue", "contrast"]]
    factor = {"brightness": 1.31, "contrast": 0.72, "saturation": 1.15, "hue": -0.08}
    for i, order in enumerate(orders):
        p = {
            "size": 24 + 4 * i,
            "crop": {"left": 2, "top": 1 + i, "width": 19, "height": 22 - 3 * i},
            "jitter": [{"change": c, "factor": factor[c]} for c in order],
            "grayscale": False,
            "blur": [0.8, 1.7][i],
            "solarize": i == 1,
            "flip": i == 0,
        }
        yield "view", p, view(image, p)
    p = {**p, "jitter": [], "grayscale": True, "blur": None, "solarize": False, "flip": True}
    yield "view", p, view(image, p)


sources = images()
made = []
for name, image in sources.items():
    for op, params, out in cases(name, image):
        base = {"image": name, "op": op, "params": params, "out": b64(out)}
        made.append(base)
golden = {
    "by": f"torchvision {torchvision.__version__}, pillow {PIL.__version__}, numpy {np.__version__}",
    "images": {name: b64(image) for name, image in sources.items()},
    "cases": made,
}
(HERE / "transforms.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
print(len(made), "cases")
