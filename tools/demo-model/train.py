"""Trains the demo model and writes it with its metrics.

usage: train.py OUT [--steps N] [--pictures FOLDER] [--seed N] [--portrait FILE]
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader, IterableDataset, get_worker_info
from transformers import SiglipForImageClassification, SiglipImageProcessor

import pictures
from classifier import FAKE, PATCH, REAL, build
from self_blend import SIZE, sample

BATCH = 64
PEAK_RATE = 1e-3
WARM_UP = 100
EVALUATED = 200
MODEL_NAME = "deepfake-analysis-service/demo"


class Samples(IterableDataset):
    """Endless samples, half of each class, another stream in each worker process."""

    def __init__(self, photographs: list[list[Image.Image]], seed: int) -> None:
        self.photographs, self.seed = photographs, seed

    def __iter__(self):
        worker = get_worker_info()
        rng = np.random.default_rng([self.seed, worker.id if worker else 0])
        while True:
            label = int(rng.integers(2))
            yield sample(self.photographs[rng.integers(len(self.photographs))], label == FAKE, rng), label


def to_input(samples: torch.Tensor) -> torch.Tensor:
    """n × SIZE × SIZE × 3 bytes to n × 3 × SIZE × SIZE in -1..1."""
    return (samples.permute(0, 3, 1, 2).float() / 255 - 0.5) / 0.5


def evaluate(model: SiglipForImageClassification, photograph: list[Image.Image], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Log-odds of "fake" of EVALUATED untouched and as many blended samples of one picture, and their labels."""
    rng = np.random.default_rng(seed)
    labels = np.arange(2 * EVALUATED) % 2
    samples = torch.tensor(np.stack([sample(photograph, label == FAKE, rng) for label in labels]))
    model.eval()
    with torch.inference_mode():
        logits = torch.cat([model(to_input(part)).logits for part in samples.split(BATCH)]).double().numpy()
    model.train()
    return logits[:, FAKE] - logits[:, REAL], labels


def auc(log_odds: np.ndarray, labels: np.ndarray) -> float:
    """Chance that a blended sample scores above an untouched one (Mann-Whitney U)."""
    ranks = np.empty(len(log_odds))
    ranks[np.argsort(log_odds)] = np.arange(1, len(log_odds) + 1)
    fakes = labels == FAKE
    n, m = fakes.sum(), (~fakes).sum()
    return float((ranks[fakes].sum() - n * (n + 1) / 2) / (n * m))


def train(model: SiglipForImageClassification, batches, steps: int) -> None:
    optimizer = torch.optim.AdamW(model.parameters(), lr=PEAK_RATE, weight_decay=0.02)
    rate = lambda step: min(1, (step + 1) / WARM_UP) * 0.5 * (1 + np.cos(np.pi * step / steps))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
    began, smooth = time.time(), 0.7
    model.train()
    for step, (samples, labels) in zip(range(steps), batches):
        loss = torch.nn.functional.cross_entropy(model(to_input(samples)).logits, labels)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        smooth += 0.02 * (loss.item() - smooth)
        if (step + 1) % 50 == 0:
            print(f"step {step + 1}/{steps}  loss {smooth:.3f}  {time.time() - began:.0f} s", flush=True)


def calibrate(model: SiglipForImageClassification, photographs: list[list[Image.Image]], seed: int) -> None:
    """Platt scaling on pictures that are neither trained on nor held out, folded into the classifier."""
    parts = [evaluate(model, photograph, seed + i) for i, photograph in enumerate(photographs)]
    odds = torch.tensor(np.concatenate([odds for odds, _ in parts]))
    target = torch.tensor((np.concatenate([labels for _, labels in parts]) == FAKE).astype(float))
    scale = torch.ones((), dtype=torch.double, requires_grad=True)
    shift = torch.zeros((), dtype=torch.double, requires_grad=True)
    optimizer = torch.optim.LBFGS([scale, shift], max_iter=100)

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        value = torch.nn.functional.binary_cross_entropy_with_logits(scale * odds + shift, target)
        value.backward()
        return value

    optimizer.step(loss)
    with torch.no_grad():
        model.classifier.weight.mul_(scale.item())
        model.classifier.bias.mul_(scale.item())
        model.classifier.bias[FAKE] += shift.item()
    print(f"calibrated: scale {scale.item():.3f}, shift {shift.item():.3f}")


def patches_of(photographs: list[list[Image.Image]], seed: int) -> np.ndarray:
    """Some 20,000 patches as the model sees them."""
    rng = np.random.default_rng(seed)
    samples = np.stack([sample(photographs[i % len(photographs)], False, rng) for i in range(320)])
    tiles = samples.reshape(-1, SIZE // PATCH, PATCH, SIZE // PATCH, PATCH, 3).transpose(0, 1, 3, 5, 2, 4)
    return (tiles.reshape(-1, 3, PATCH, PATCH) / 255 - 0.5) / 0.5


def name_model(config: Path) -> None:
    """Gives the model the name by which the service knows it for the demo's."""
    settings = json.loads(config.read_text())
    config.write_text(json.dumps({"_name_or_path": MODEL_NAME, **settings}, indent=2) + "\n")


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("out", type=Path)
    arguments.add_argument("--steps", type=int, default=2400)
    arguments.add_argument("--pictures", type=Path, default=Path.home() / ".cache" / "demo-model-pictures")
    arguments.add_argument("--portrait", type=Path, help="a held-out portrait to report on as well")
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    torch.manual_seed(given.seed)

    paths = pictures.fetch(given.pictures)
    load = lambda names: [pictures.load(paths[name]) for name in names]
    training = load(pictures.TRAINING)
    model = build(patches_of(training, given.seed))
    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f} M parameters, {len(training)} photographs")
    batches = DataLoader(Samples(training, given.seed), batch_size=BATCH, num_workers=1, prefetch_factor=4)
    began = time.time()
    train(model, batches, given.steps)
    calibrate(model, load(pictures.CALIBRATION), given.seed + 1000)

    held_out = dict(zip(pictures.HELD_OUT, load(pictures.HELD_OUT)))
    if given.portrait:
        held_out[given.portrait.name] = [Image.open(given.portrait).convert("RGB")]
    # What is shipped is what is measured: half precision from here on.
    model.half().float()
    measured = {name: evaluate(model, photograph, given.seed + 2000) for name, photograph in held_out.items()}
    everything = [np.concatenate(parts) for parts in zip(*measured.values())]
    metrics = {
        "steps": given.steps,
        "seed": given.seed,
        "minutes": round((time.time() - began) / 60, 1),
        "samples_per_picture": 2 * EVALUATED,
        "auc": round(auc(*everything), 4),
        "accuracy_at_half": round(float(((everything[0] > 0) == (everything[1] == FAKE)).mean()), 4),
        "auc_by_picture": {name: round(auc(*parts), 4) for name, parts in measured.items()},
    }
    print(json.dumps(metrics, indent=1))
    given.out.mkdir(parents=True, exist_ok=True)
    model.half().save_pretrained(given.out, safe_serialization=True)
    processor = SiglipImageProcessor(
        size={"height": SIZE, "width": SIZE}, resample=2, image_mean=[0.5] * 3, image_std=[0.5] * 3
    )
    processor.save_pretrained(given.out)
    name_model(given.out / "config.json")
    (given.out / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n")


if __name__ == "__main__":
    main()
