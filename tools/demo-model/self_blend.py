"""Samples: a square window of a photograph as it is, or with a region blended into itself.

The edit is that of self-blended images (Shiohara & Yamasaki, "Detecting Deepfakes with Self-Blended Images", 2022), in
its simplest form: a copy of the window is re-sampled, colour-shifted and re-compressed, and laid back through a soft
ellipse. What remains to be seen is what a pasted face leaves: a step in sharpness, colour and position.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

# Side of what the model sees, in pixels.
SIZE = 128
# Grey levels; see `detail`.
LEAST_DETAIL = 3.0


def window(pictures: list[Image.Image], rng: np.random.Generator) -> Image.Image:
    """A square of 130 to 320 pixels with something in it to look at, if one is soon found."""
    for _ in range(20):
        picture = pictures[rng.integers(len(pictures))]
        side = min(int(rng.integers(130, 321)), *picture.size)
        x, y = (int(rng.integers(0, extent - side + 1)) for extent in picture.size)
        square = picture.crop((x, y, x + side, y + side))
        if detail(square) > LEAST_DETAIL:
            break
    return square.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if rng.random() < 0.5 else square


def detail(square: Image.Image) -> float:
    """Mean step between neighbouring pixels at the model's size: a blurred background shows no edit to anyone."""
    grey = np.asarray(square.convert("L").resize((SIZE, SIZE), Image.Resampling.BILINEAR), dtype=np.float32)
    return float(np.abs(np.diff(grey, axis=0)).mean() + np.abs(np.diff(grey, axis=1)).mean()) / 2


def self_blend(square: Image.Image, rng: np.random.Generator) -> Image.Image:
    """The square with an ellipse of itself replaced by a re-sampled, shifted, re-coloured copy."""
    side = square.width
    # In units of what the model sees: between a fifth and half of its resolution is left inside the ellipse.
    small = max(8, int(SIZE * rng.uniform(0.20, 0.50)))
    copy = square.resize((small, small), Image.Resampling.BICUBIC)
    if rng.random() < 0.5:
        copy = jpeg(copy, int(rng.integers(60, 96)))
    copy = copy.resize((side, side), Image.Resampling.BICUBIC)
    inside = np.asarray(copy, dtype=np.float32)
    gain = 1 + rng.normal(0, 0.06, 3)
    offset = rng.normal(0, 8, 3)
    shift = np.round(rng.uniform(-3, 3, 2) * side / SIZE).astype(int)
    inside = np.roll(inside * gain + offset, shift, axis=(0, 1))
    mask = soft_ellipse(side, rng)[..., None]
    outside = np.asarray(square, dtype=np.float32)
    return Image.fromarray((outside + mask * (inside - outside)).clip(0, 255).astype(np.uint8))


def soft_ellipse(side: int, rng: np.random.Generator) -> np.ndarray:
    """A mask of side × side, 1 inside and 0 outside, near the middle, with a soft edge."""
    y, x = np.mgrid[0:side, 0:side] / side
    centre_x, centre_y = rng.uniform(0.44, 0.56, 2)
    radius_x, radius_y = rng.uniform(0.22, 0.36), rng.uniform(0.26, 0.40)
    distance = np.hypot((x - centre_x) / radius_x, (y - centre_y) / radius_y)
    return 1 / (1 + np.exp(rng.uniform(10, 30) * (distance - 1)))


def publish(square: Image.Image, rng: np.random.Generator) -> Image.Image:
    """What happens to any picture on its way: scaled down and up again, sensor noise, compressed once or twice."""
    side = square.width
    if rng.random() < 0.4:
        less = int(side * rng.uniform(0.7, 1))
        square = square.resize((less, less), Image.Resampling.BICUBIC).resize((side, side), Image.Resampling.BICUBIC)
    if rng.random() < 0.3:
        noise = rng.normal(0, rng.uniform(1, 4), (side, side, 1))
        square = Image.fromarray((np.asarray(square) + noise).clip(0, 255).astype(np.uint8))
    for _ in range(1 + int(rng.random() < 0.3)):
        square = jpeg(square, int(rng.integers(60, 98)))
    return square


def jpeg(picture: Image.Image, quality: int) -> Image.Image:
    buffer = io.BytesIO()
    picture.save(buffer, "jpeg", quality=quality)
    return Image.open(buffer).convert("RGB")


def sample(pictures: list[Image.Image], fake: bool, rng: np.random.Generator) -> np.ndarray:
    """One sample as the service would feed it: SIZE × SIZE × 3 bytes, squashed with Pillow's bilinear filter."""
    square = window(pictures, rng)
    if fake:
        square = self_blend(square, rng)
    return np.asarray(publish(square, rng).resize((SIZE, SIZE), Image.Resampling.BILINEAR))
