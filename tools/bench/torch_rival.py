"""What PyTorch can do with a checkpoint on this machine, for the model bench to compare with in the same run.

usage: torch_rival.py CHECKPOINT CROPS COUNT

CROPS is a file of COUNT RGB crops at model size. Reads a command a line, answers each with a line of JSON:
  time VARIANT BATCH    milliseconds per image, best effort of one pass over 8 images
  score VARIANT         fake probability of each crop

Variants: `eager` (float32), `bf16` (bfloat16, eager), `bf16-compiled` (bfloat16, torch.compile with frozen weights, batch 8).
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Callable

import numpy as np
import torch
import torch._inductor.config
from transformers import AutoImageProcessor, AutoModelForImageClassification

IMAGES = 8
FAKE_WORDS = ("fake", "synthetic")


class Rival:
    def __init__(self, checkpoint: str, crops: str, count: int) -> None:
        self.checkpoint = checkpoint
        processor = AutoImageProcessor.from_pretrained(checkpoint, use_fast=False)
        side = processor.size["height"]
        pixels = np.fromfile(crops, dtype=np.uint8).reshape(count, side, side, 3)
        mean, std = np.float32(processor.image_mean), np.float32(processor.image_std)
        values = (pixels.astype(np.float32) * np.float32(processor.rescale_factor) - mean) / std
        self.pixels = torch.from_numpy(values.transpose(0, 3, 1, 2).copy())
        self.variants: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {}

    def variant(self, name: str) -> Callable[[torch.Tensor], torch.Tensor]:
        if name not in self.variants:
            self.variants[name] = self.make(name)
        return self.variants[name]

    def make(self, name: str) -> Callable[[torch.Tensor], torch.Tensor]:
        model = AutoModelForImageClassification.from_pretrained(self.checkpoint, dtype=torch.float32).eval()
        labels = model.config.id2label
        self.fake = next(int(i) for i, label in labels.items() if any(word in label.lower() for word in FAKE_WORDS))
        if name == "eager":
            return lambda pixels: model(pixel_values=pixels).logits
        low = model.to(torch.bfloat16)
        if name == "bf16":
            return lambda pixels: low(pixel_values=pixels.bfloat16()).logits.float()
        torch._inductor.config.freezing = True
        compiled = torch.compile(lambda pixels: low(pixel_values=pixels).logits)
        return lambda pixels: compiled(pixels.bfloat16()).float()

    def time(self, name: str, batch: int) -> float:
        run = self.variant(name)
        began = time.perf_counter()
        for first in range(0, IMAGES, batch):
            run(self.pixels[first : first + batch])
        return (time.perf_counter() - began) * 1000 / IMAGES

    def score(self, name: str) -> list[float]:
        run = self.variant(name)
        parts = []
        for first in range(0, len(self.pixels), 8):
            part = self.pixels[first : first + 8]
            missing = 8 - len(part)
            # A compiled model is for one shape.
            full = torch.cat([part, part[:1].expand(missing, -1, -1, -1)]) if missing else part
            parts.append(run(full)[: len(part)])
        return torch.softmax(torch.cat(parts).double(), -1)[:, self.fake].tolist()


def main() -> None:
    rival = Rival(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    print(json.dumps({"torch": torch.__version__, "threads": torch.get_num_threads()}), flush=True)
    for line in sys.stdin:
        command, *given = line.split()
        with torch.inference_mode(), contextlib.redirect_stdout(sys.stderr):
            answer = rival.time(given[0], int(given[1])) if command == "time" else rival.score(given[0])
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
