"""Writes a SigLIP classifier with seeded random weights, laid out as the real model's hub repository.

usage: make_checkpoint.py OUT {tiny|small|base} [--dtype float32|float16|bfloat16] [--seed N] [--image PIXELS] [--patch PIXELS]

It judges nothing: it tests arithmetic. `base` has the real model's size and is for benches.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from transformers import SiglipConfig, SiglipForImageClassification, SiglipImageProcessorPil

# hidden size, layers, heads, MLP size
SIZES = {"tiny": (64, 2, 2, 128), "small": (192, 4, 3, 768), "base": (768, 12, 12, 3072)}
# Standard deviation of the logits' difference over random pictures: far from 0, far from saturation.
SPREAD = 2.0


def random_model(size: str, image: int, patch: int, seed: int) -> SiglipForImageClassification:
    """A model whose biases and gains all matter, and whose answers differ by a few logits from picture to picture."""
    torch.manual_seed(seed)
    model = SiglipForImageClassification(config_of(size, image, patch)).eval()
    with torch.no_grad():
        randomise(model)
        spread_answers(model, random_pictures(image, seed + 7))
    return model


def config_of(size: str, image: int, patch: int) -> SiglipConfig:
    hidden, layers, heads, mlp = SIZES[size]
    vision = {
        "image_size": image, "patch_size": patch, "num_channels": 3, "hidden_size": hidden, "num_hidden_layers": layers,
        "num_attention_heads": heads, "intermediate_size": mlp, "hidden_act": "gelu_pytorch_tanh", "layer_norm_eps": 1e-6,
    }  # fmt: skip
    # Built by transformers, then thrown away: as small as it may be.
    text = {
        "hidden_size": hidden, "num_hidden_layers": 1, "num_attention_heads": heads, "intermediate_size": 64, "vocab_size": 16,
    }  # fmt: skip
    return SiglipConfig(vision_config=vision, text_config=text, id2label={0: "Fake", 1: "Real"}, label2id={"Fake": 0, "Real": 1})


def randomise(model: SiglipForImageClassification) -> None:
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            parameter.normal_(0, 0.05)
        elif "layernorm" in name or "layer_norm" in name:
            parameter.normal_(1, 0.1)
        elif "position_embedding" in name:
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


def spread_answers(model: SiglipForImageClassification, pictures: torch.Tensor) -> None:
    """Scales and centres the classifier, so that the pictures fall on both sides."""
    pooled = torch.cat([model.vision_model(pixel_values=part).last_hidden_state.mean(1) for part in pictures.split(4)])
    weight, bias = model.classifier.weight, model.classifier.bias
    odds = pooled @ (weight[0] - weight[1])
    scale = SPREAD / odds.std()
    weight.mul_(scale)
    bias.zero_()
    bias[0] = -(scale * odds.mean())


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("out", type=Path)
    arguments.add_argument("size", choices=SIZES)
    arguments.add_argument("--dtype", default="float32", choices=("float32", "float16", "bfloat16"))
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--image", type=int, default=224)
    arguments.add_argument("--patch", type=int, default=16)
    given = arguments.parse_args()
    model = random_model(given.size, given.image, given.patch, given.seed)
    model.to(getattr(torch, given.dtype)).save_pretrained(given.out)
    processor = SiglipImageProcessorPil(
        size={"height": given.image, "width": given.image}, resample=2, image_mean=[0.5] * 3, image_std=[0.5] * 3
    )
    processor.save_pretrained(given.out)


if __name__ == "__main__":
    main()
