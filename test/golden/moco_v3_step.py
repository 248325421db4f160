"""One whole MoCo v3 step: moco_v3_step.safetensors and moco_v3_step.json. See README.md."""
import json
from functools import partial
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file

from moco_v3 import CONFIG, MEAN, STD, Trainer, encoder, initial, of_target, sincos_position
from pixels import view

HERE = Path(__file__).parent
LR, MOMENTUM = 1e-3, 0.99
SHIFT = "encoder/norm/shift"  # a constant before batch norm: its gradient is exactly zero


def check_against_timm(p, images):
    """The largest difference of our encoder's features to timm's VisionTransformer with the same weights, in float64."""
    from timm.models.vision_transformer import VisionTransformer

    c = CONFIG
    model = VisionTransformer(
        img_size=c["size"], patch_size=c["patch"], embed_dim=c["dim"], depth=c["depth"], num_heads=c["heads"], mlp_ratio=4,
        qkv_bias=True, num_classes=0, class_token=True, global_pool="token", norm_layer=partial(torch.nn.LayerNorm, eps=1e-6),
    ).double().eval()
    grid = c["size"] // c["patch"]
    state = {
        "cls_token": p["encoder/token"].reshape(1, 1, -1),
        "pos_embed": sincos_position(c["dim"], grid, grid)[None],
        "patch_embed.proj.weight": p["encoder/patch/w"].reshape(c["patch"], c["patch"], 3, c["dim"]).permute(3, 2, 0, 1),
        "patch_embed.proj.bias": p["encoder/patch/b"],
        "norm.weight": p["encoder/norm/scale"],
        "norm.bias": p["encoder/norm/shift"],
    }
    linears = {"attn.qkv": "attention/qkv", "attn.proj": "attention/out", "mlp.fc1": "mlp/fc1", "mlp.fc2": "mlp/fc2"}
    for i in range(c["depth"]):
        ours, theirs = f"encoder/blocks/block{i:02d}", f"blocks.{i}"
        for name, path in linears.items():
            state[f"{theirs}.{name}.weight"] = p[f"{ours}/{path}/w"].T
            state[f"{theirs}.{name}.bias"] = p[f"{ours}/{path}/b"]
        for norm in ("norm1", "norm2"):
            state[f"{theirs}.{norm}.weight"] = p[f"{ours}/{norm}/scale"]
            state[f"{theirs}.{norm}.bias"] = p[f"{ours}/{norm}/shift"]
    model.load_state_dict(state, strict=True)
    mean, std = (torch.tensor(v, dtype=torch.float64) for v in (MEAN, STD))
    x = torch.from_numpy(images).permute(0, 3, 1, 2).double() / 255
    x = (x - mean[:, None, None]) / std[:, None, None]
    mine = {path: values.double() for path, values in p.items()}
    return (model(x) - encoder(mine, torch.from_numpy(images), c)).abs().max().item()


def run(online, target, images1, images2, dtype):
    trainer = Trainer(online, target, CONFIG, dtype)
    loss = trainer.step(images1, images2, LR, MOMENTUM)
    found = {}
    for path, values in trainer.online.items():
        found[f"gradient/{path}"] = values.grad
        found[f"after/online/{path}"] = values.detach()
    for path, values in trainer.target.items():
        found[f"after/target/{path}"] = values
    return loss, {path: values.double().numpy() for path, values in found.items()}


def main():
    online, target = initial(CONFIG, 2), of_target(initial(CONFIG, 1))
    images = [view(0, which, CONFIG["batch"], CONFIG["size"]) for which in (0, 1)]
    timm_difference = check_against_timm(online, images[0])
    assert timm_difference < 1e-12, timm_difference
    loss, exact = run(online, target, *images, torch.float64)
    loss32, rounded = run(online, target, *images, torch.float32)

    tensors = {path: values.astype(np.float32) for path, values in exact.items()}
    tensors |= {f"before/online/{path}": values.numpy().astype(np.float32) for path, values in online.items()}
    tensors |= {f"before/target/{path}": values.numpy().astype(np.float32) for path, values in target.items()}
    tensors |= {"images1": images[0], "images2": images[1]}
    save_file({path: np.ascontiguousarray(values) for path, values in tensors.items()}, HERE / "moco_v3_step.safetensors")

    def kept(path, values):
        """Without the parts whose gradient is exactly zero: there float32 holds rounding noise, which Adam blows up to +-lr."""
        if path.endswith("attention/qkv/b"):  # one number added to every key of a query's softmax
            return np.delete(values, np.s_[CONFIG["dim"] : 2 * CONFIG["dim"]])
        return values

    def worst(prefix):
        """Over the tensors of a kind: largest |float32 - float64|, and the same relative to the tensor's largest value."""
        unmoved = (f"gradient/{SHIFT}", f"after/online/{SHIFT}")
        paths = [path for path in exact if path.startswith(prefix) and path not in unmoved]
        gaps = {path: float(np.abs(kept(path, exact[path] - rounded[path])).max()) for path in paths}
        relative = {path: gaps[path] / float(np.abs(exact[path]).max()) for path in paths}
        path = max(relative, key=relative.get)
        return {"absolute": max(gaps.values()), "relative": relative[path], "relativeAt": path}

    def largest(prefix):
        return {path.removeprefix(prefix): float(np.abs(values).max()) for path, values in exact.items() if path.startswith(prefix)}

    text = {
        "config": CONFIG | {"lr": LR, "momentum": MOMENTUM, "weightDecay": 0.1, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
        "torch": torch.__version__,
        "timmDifference": timm_difference,
        "loss": loss,
        "lossFloat32": loss32,
        "zeroGradients": {
            "encoder/norm/shift": "a constant before a linear layer without offset and batch norm",
            "encoder/blocks/*/attention/qkv/b": f"elements {CONFIG['dim']} to {2 * CONFIG['dim'] - 1}: the offset of the keys, which softmax ignores",
        },
        "float32Difference": {kind: worst(kind) for kind in ("gradient/", "after/online/", "after/target/")},
        "gradientLargest": largest("gradient/"),
    }
    (HERE / "moco_v3_step.json").write_text(json.dumps(text, indent=1) + "\n")
    print(json.dumps({k: v for k, v in text.items() if k != "gradientLargest"}, indent=1))


if __name__ == "__main__":
    main()
