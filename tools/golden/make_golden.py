"""Writes the golden pictures and golden.json: fake probabilities, score fields and resizes that the service is held to.

usage: make_golden.py FOLDER PORTRAIT CHECKPOINT...

FOLDER/pictures gets the pictures, made from PORTRAIT and seeded textures; FOLDER/golden.json the numbers.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from reference import Box, Reference, rows_of, scores

SEED = 11
NOTE = (
    "fake probability from PyTorch + transformers (float32, Pillow image processor); box = [x, y, w, h] of a face in pixels, "
    "crop = [x1, y1, x2, y2] by the 1.30 rule"
)
# Boxes at the face, over the rim and in the corners; every picture is also judged whole.
BOXES: dict[str, list[Box]] = {
    "portrait-512.png": [[170, 60, 110, 130], [0, 0, 60, 60], [470, 430, 42, 82]],
    "landscape-640x360.jpg": [[160, 60, 70, 80], [600, 10, 40, 40]],
    "large-1600x900.jpg": [[1100, 200, 160, 170], [3, 880, 25, 20]],
    "tall-270x480.jpg": [[90, 130, 60, 64], [1, 2, 268, 300]],
}
# Picture, size it is resized to, Pillow's number of the filter: 1 Lanczos, 2 bilinear, 3 bicubic.
RESIZES = (
    ("large-1600x900.jpg", (224, 224), 2),
    ("small-96x72.png", (224, 224), 2),
    ("portrait-512.png", (224, 224), 3),
    ("texture-333x217.png", (224, 224), 1),
    ("tall-270x480.jpg", (384, 384), 2),
    ("texture-333x217.png", (333, 217), 2),
)


def make_pictures(portrait: Image.Image, rng: np.random.Generator) -> dict[str, Image.Image]:
    """The pictures by file name: upright, wide, tall, tiny, large, without a face, grey, enlarged."""

    def texture(width: int, height: int) -> Image.Image:
        coarse = rng.random((max(2, height // 40), max(2, width // 40), 3)) * 255
        return Image.fromarray(coarse.astype("uint8")).resize((width, height), Image.Resampling.BICUBIC)

    def scene(width: int, height: int, side: int, x: int, y: int) -> Image.Image:
        picture = texture(width, height)
        picture.paste(portrait.resize((side, side), Image.Resampling.LANCZOS), (x, y))
        return picture

    return {
        "portrait-512.png": portrait,
        "landscape-640x360.jpg": scene(640, 360, 300, 60, 30),
        "tall-270x480.jpg": scene(270, 480, 240, 10, 100),
        "small-96x72.png": scene(96, 72, 70, 12, 1),
        "large-1600x900.jpg": scene(1600, 900, 640, 900, 130),
        "texture-333x217.png": texture(333, 217),
        "grey-200x200.png": portrait.convert("L").resize((200, 200)),
        "upscaled-100x140.jpg": portrait.resize((100, 140)),
    }


def save(pictures: dict[str, Image.Image], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in pictures.items():
        picture.save(folder / name, **({"quality": 90} if name.endswith(".jpg") else {}))


def score_rows(rng: np.random.Generator) -> list[dict]:
    """Score fields of fixed and random sequences of fake probabilities."""
    sequences = [
        ([0.5], "IMAGE"),
        ([0.2, 0.9], "VIDEO"),
        ([0.1] * 29 + [0.99], "VIDEO"),
        ([0.03, 0.02, 0.97, 0.96, 0.5], "VIDEO"),
        ([0.8] * 30, "VIDEO"),
        (np.round(rng.random(30), 6).tolist(), "VIDEO"),
        (np.round(rng.random(7), 6).tolist(), "VIDEO"),
        ([1.0], "VIDEO"),
        ([0.0, 0.0], "VIDEO"),
        ([0.25, 0.75, 0.5], "IMAGE"),
    ]
    return [{"media_type": media, "p_fake": p, "fields": scores(p, media)} for p, media in sequences]


def resize_row(folder: Path, picture: str, size: tuple[int, int], resample: int) -> dict:
    """SHA-256 of the RGB bytes before and after Pillow's resize."""
    image = Image.open(folder / picture).convert("RGB")
    return {
        "picture": picture,
        "size": size,
        "resample": resample,
        "rgb_sha256_before": hashlib.sha256(image.tobytes()).hexdigest(),
        "rgb_sha256": hashlib.sha256(image.resize(size, resample).tobytes()).hexdigest(),
    }


def main() -> None:
    folder, portrait, *checkpoints = (Path(argument) for argument in sys.argv[1:])
    rng = np.random.default_rng(SEED)
    pictures = make_pictures(Image.open(portrait).convert("RGB"), rng)
    save(pictures, folder / "pictures")
    looks = [(name, box) for name in pictures for box in [None, *BOXES.get(name, [])]]
    golden = {
        "note": NOTE,
        "checkpoints": {c.name: rows_of(Reference(c), folder / "pictures", looks) for c in checkpoints},
        "scores": score_rows(rng),
        "resize": [resize_row(folder / "pictures", *row) for row in RESIZES],
    }
    (folder / "golden.json").write_text(json.dumps(golden, indent=1))


if __name__ == "__main__":
    main()
