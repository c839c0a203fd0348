"""The independent reference: PyTorch and transformers, float32, the Pillow image processor; and the score rules in NumPy."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from transformers import AutoImageProcessor, AutoModelForImageClassification

# [x, y, w, h] in pixels.
Box = list[int]

CROP_MARGIN = 1.30
FAKE_WORDS = ("fake", "synthetic")
REAL_WORDS = ("real", "authentic")


def crop_of(box: Box, width: int, height: int) -> tuple[int, int, int, int]:
    """The square [x1, y1, x2, y2] around a face box [x, y, w, h], truncations included."""
    x, y, w, h = box
    size = int(max(w, h) * CROP_MARGIN)
    half = size // 2
    x1, y1 = int(max(0, x + w / 2 - half)), int(max(0, y + h / 2 - half))
    x2, y2 = min(width, x1 + size), min(height, y1 + size)
    return max(0, x2 - size), max(0, y2 - size), x2, y2


def scores(p_fake: list[float], media_type: str) -> dict[str, float]:
    """Score fields of a sequence of fake probabilities (0..1)."""
    p = np.asarray(p_fake, dtype=np.float64)
    video, peak, mean = 100 * np.percentile(p, 90), 100 * p.max(), 100 * p.mean()
    steady = float(np.clip(100 - 1000 * p.var(), 0, 100)) if media_type == "VIDEO" and len(p) > 1 else 100.0
    risk = 0.7 * video + 0.3 * peak if peak > video + 10 else video
    fields = {
        "video_score": video,
        "peak_risk": peak,
        "mean_risk": mean,
        "audio_score": 0.0,
        "gan_fingerprint": video,
        "temporal_consistency": steady,
        "risk_score": np.clip(risk, 0, 100),
        "confidence": 100 * np.maximum(p, 1 - p).mean(),
    }
    return {name: round(float(value), 2) for name, value in fields.items()}


def fake_rule(labels: dict[int, str]) -> tuple[int, bool]:
    """Index of the label that tells the fake probability, and whether it means fake (else real)."""
    for words, means_fake in ((FAKE_WORDS, True), (REAL_WORDS, False)):
        found = [int(i) for i, label in labels.items() if any(word in label.lower() for word in words)]
        if found:
            return found[0], means_fake
    raise SystemExit(f"expected a label with one of {FAKE_WORDS + REAL_WORDS} in it, got {list(labels.values())}")


def weights_sha256(checkpoint: Path) -> str:
    """SHA-256 of the one weights file; of several, that of "<sha256>  <name>" lines in the order of their names."""
    files = sorted(checkpoint.glob("*.safetensors")) or sorted((checkpoint / "onnx").glob("model.onnx*"))
    hashes = [(hashlib.sha256(file.read_bytes()).hexdigest(), file.relative_to(checkpoint).as_posix()) for file in files]
    if len(hashes) == 1:
        return hashes[0][0]
    return hashlib.sha256("".join(f"{sha256}  {name}\n" for sha256, name in hashes).encode()).hexdigest()


def write_golden(out: Path, pictures: Path, rows: dict[str, list[dict]], weights: dict[str, str]) -> None:
    """The file that `models verify` reads; see docs/models.md."""
    place = Path(os.path.relpath(pictures, out.parent)).as_posix()
    golden = {"pictures": place, "weights_sha256": weights, "checkpoints": rows}
    out.write_text(json.dumps(golden, indent=1) + "\n")


def pillow_processor(checkpoint: Path) -> object:
    return AutoImageProcessor.from_pretrained(checkpoint, backend="pil")


class Reference:
    """A checkpoint in PyTorch."""

    def __init__(self, checkpoint: Path, processor: type | None = None) -> None:
        self.model = AutoModelForImageClassification.from_pretrained(checkpoint, dtype=torch.float32).eval()
        self.processor = processor.from_pretrained(checkpoint) if processor else pillow_processor(checkpoint)
        self.label, self.means_fake = fake_rule(self.model.config.id2label)

    def score(self, picture: Image.Image) -> tuple[list[float], float]:
        """Logits and fake probability (softmax in float64) of a picture."""
        with torch.inference_mode():
            logits = self.model(**self.processor(images=picture, return_tensors="pt")).logits[0]
        p = float(torch.softmax(logits.double(), -1)[self.label])
        return logits.tolist(), p if self.means_fake else 1 - p


def rows_of(reference: Reference, folder: Path, looks: Iterable[tuple[str, Box | None]]) -> list[dict]:
    """What the reference says of pictures in a folder, each cropped around a box or whole (None)."""
    rows = []
    for picture, box in looks:
        image = ImageOps.exif_transpose(Image.open(folder / picture)).convert("RGB")
        crop = crop_of(box, *image.size) if box else None
        logits, p_fake = reference.score(image.crop(crop) if crop else image)
        rows.append({"picture": picture, "box": box, "crop": crop, "logits": logits, "p_fake": p_fake})
    return rows
