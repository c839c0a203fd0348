"""The independent reference: PyTorch and transformers, float32, the Pillow image processor; and the score rules in NumPy."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from transformers import AutoImageProcessor, AutoModelForImageClassification

# [x, y, w, h] in pixels.
Box = list[int]

CROP_MARGIN = 1.30
FAKE_WORDS = ("fake", "synthetic")


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


def pillow_processor(checkpoint: Path) -> object:
    return AutoImageProcessor.from_pretrained(checkpoint, backend="pil")


class Reference:
    """A checkpoint in PyTorch."""

    def __init__(self, checkpoint: Path, processor: type | None = None) -> None:
        self.model = AutoModelForImageClassification.from_pretrained(checkpoint, dtype=torch.float32).eval()
        self.processor = processor.from_pretrained(checkpoint) if processor else pillow_processor(checkpoint)
        labels = self.model.config.id2label
        self.fake = next(int(i) for i, label in labels.items() if any(word in label.lower() for word in FAKE_WORDS))

    def score(self, picture: Image.Image) -> tuple[list[float], float]:
        """Logits and fake probability (softmax in float64) of a picture."""
        with torch.inference_mode():
            logits = self.model(**self.processor(images=picture, return_tensors="pt")).logits[0]
        return logits.tolist(), float(torch.softmax(logits.double(), -1)[self.fake])


def rows_of(reference: Reference, folder: Path, looks: Iterable[tuple[str, Box | None]]) -> list[dict]:
    """What the reference says of pictures in a folder, each cropped around a box or whole (None)."""
    rows = []
    for picture, box in looks:
        image = Image.open(folder / picture).convert("RGB")
        crop = crop_of(box, *image.size) if box else None
        logits, p_fake = reference.score(image.crop(crop) if crop else image)
        rows.append({"picture": picture, "box": box, "crop": crop, "logits": logits, "p_fake": p_fake})
    return rows
