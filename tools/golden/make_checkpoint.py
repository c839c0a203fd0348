"""Writes a SigLIP or ViT classifier with seeded random weights, laid out as a real model's hub repository.

usage: make_checkpoint.py OUT {tiny|small|base} [--family siglip|vit] [--dtype float32|float16|bfloat16] [--seed N]
       [--image PIXELS] [--patch PIXELS] [--no-head] [--no-qkv-bias] [--old-processor]

It judges nothing: it tests arithmetic. `base` has the real model's size and is for benches.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from transformers import (
    PreTrainedModel,
    SiglipConfig,
    SiglipForImageClassification,
    SiglipImageProcessorPil,
    ViTConfig,
    ViTForImageClassification,
    ViTImageProcessorPil,
)

# hidden size, layers, heads, MLP size
SIZES = {"tiny": (64, 2, 2, 128), "small": (192, 4, 3, 768), "base": (768, 12, 12, 3072)}
# Standard deviation of the logits' difference over random pictures: far from 0, far from saturation.
SPREAD = 2.0


def random_model(given: argparse.Namespace) -> PreTrainedModel:
    """A model whose biases and gains all matter, and whose answers differ by a few logits from picture to picture."""
    torch.manual_seed(given.seed)
    make = {"siglip": random_siglip, "vit": random_vit}[given.family]
    model = make(given).eval()
    with torch.no_grad():
        randomise(model)
        spread_answers(model, random_pictures(given.image, given.seed + 7))
    return model


def sizes_of(given: argparse.Namespace) -> dict:
    hidden, layers, heads, mlp = SIZES[given.size]
    return {
        "image_size": given.image, "patch_size": given.patch, "num_channels": 3, "hidden_size": hidden,
        "num_hidden_layers": layers, "num_attention_heads": heads, "intermediate_size": mlp,
    }  # fmt: skip


def random_siglip(given: argparse.Namespace) -> SiglipForImageClassification:
    hidden, _, heads, _ = SIZES[given.size]
    vision = {**sizes_of(given), "hidden_act": "gelu_pytorch_tanh", "layer_norm_eps": 1e-6}
    if given.no_head:
        vision["vision_use_head"] = False
    # Built by transformers, then thrown away: as small as it may be.
    text = {
        "hidden_size": hidden, "num_hidden_layers": 1, "num_attention_heads": heads, "intermediate_size": 64, "vocab_size": 16,
    }  # fmt: skip
    labels = {"id2label": {0: "Fake", 1: "Real"}, "label2id": {"Fake": 0, "Real": 1}}
    return SiglipForImageClassification(SiglipConfig(vision_config=vision, text_config=text, **labels))


def random_vit(given: argparse.Namespace) -> ViTForImageClassification:
    labels = {"id2label": {0: "Realism", 1: "Deepfake"}, "label2id": {"Realism": 0, "Deepfake": 1}}
    return ViTForImageClassification(ViTConfig(**sizes_of(given), qkv_bias=not given.no_qkv_bias, **labels))


def randomise(model: PreTrainedModel) -> None:
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            parameter.normal_(0, 0.05)
        elif "layernorm" in name or "layer_norm" in name:
            parameter.normal_(1, 0.1)
        elif "position_embedding" in name or "cls_token" in name:
            parameter.normal_(0, 0.3)
        elif "patch_embedding" in name:
            parameter.normal_(0, 0.06)
        elif parameter.dim() == 2:
            parameter.normal_(0, 1.2 / parameter.shape[1] ** 0.5)


def random_pictures(image: int, seed: int) -> torch.Tensor:
    """24 × 3 × image × image in -1..1: coloured clouds with some noise."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(24, 3, 7, 7, generator=generator) * 2 - 1
    clouds = torch.nn.functional.interpolate(coarse, size=(image, image), mode="bilinear")
    return (clouds + 0.2 * torch.randn(24, 3, image, image, generator=generator)).clamp(-1, 1)


def spread_answers(model: PreTrainedModel, pictures: torch.Tensor) -> None:
    """Scales and centres the classifier, so that the pictures fall on both sides."""
    pooled = torch.cat([pool(model, part) for part in pictures.split(4)])
    weight, bias = model.classifier.weight, model.classifier.bias
    odds = pooled @ (weight[0] - weight[1])
    scale = SPREAD / odds.std()
    weight.mul_(scale)
    bias.zero_()
    bias[0] = -(scale * odds.mean())


def pool(model: PreTrainedModel, pictures: torch.Tensor) -> torch.Tensor:
    """What the classifier sees of each picture."""
    if isinstance(model, ViTForImageClassification):
        return model.vit(pixel_values=pictures).last_hidden_state[:, 0]
    return model.vision_model(pixel_values=pictures).last_hidden_state.mean(1)


def save_processor(given: argparse.Namespace) -> None:
    if given.old_processor:
        # As repositories of 2021 have it: neither a type nor a filter, and a side alone.
        old = {"do_normalize": True, "do_resize": True, "image_mean": [0.5] * 3, "image_std": [0.5] * 3, "size": given.image}
        (given.out / "preprocessor_config.json").write_text(json.dumps(old, indent=2) + "\n")
        return
    kind = {"siglip": SiglipImageProcessorPil, "vit": ViTImageProcessorPil}[given.family]
    size = {"height": given.image, "width": given.image}
    kind(size=size, resample=2, image_mean=[0.5] * 3, image_std=[0.5] * 3).save_pretrained(given.out)


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("out", type=Path)
    arguments.add_argument("size", choices=SIZES)
    arguments.add_argument("--family", default="siglip", choices=("siglip", "vit"))
    arguments.add_argument("--dtype", default="float32", choices=("float32", "float16", "bfloat16"))
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--image", type=int, default=224)
    arguments.add_argument("--patch", type=int, default=16)
    arguments.add_argument("--no-head", action="store_true", help="without SigLIP's pooling head, which no classifier uses")
    arguments.add_argument("--no-qkv-bias", action="store_true", help="ViT only")
    arguments.add_argument("--old-processor", action="store_true", help="a preprocessor_config.json as of 2021")
    given = arguments.parse_args()
    random_model(given).to(getattr(torch, given.dtype)).save_pretrained(given.out)
    save_processor(given)


if __name__ == "__main__":
    main()
