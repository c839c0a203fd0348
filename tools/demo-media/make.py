"""Makes the demo's media from one public-domain portrait: a photo, an edited copy of it, and a video edited in its middle.

usage: make.py PORTRAIT OUT    (needs ffmpeg with libx264, and the packages of ../demo-model/requirements.txt)

The edit is the one that the demo model is trained on, at the portrait's face; the portrait itself is in no training set.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent / "demo-model"))
from self_blend import self_blend

SEED = 4
# What the service cuts out of the portrait: its detector's box (173, 67, 103, 103), with the margin of 1.30.
FACE = (158, 52, 291, 185)
WIDTH, HEIGHT, RATE, SECONDS = 640, 480, 25, 20
# The middle third of the video, in seconds, is edited.
EDITED = (6.7, 13.3)


def edited_portrait(portrait: Image.Image) -> Image.Image:
    """The portrait with its face replaced by a re-sampled, re-coloured copy of itself."""
    edited = portrait.copy()
    edited.paste(self_blend(portrait.crop(FACE), np.random.default_rng(SEED)), FACE[:2])
    return edited


def frame(portrait: Image.Image, seconds: float, rng: np.random.Generator) -> bytes:
    """One frame: the portrait, slowly swaying and coming closer, with a camera's noise."""
    scale = 1.06 + 0.06 * np.sin(seconds / 3.1)
    side = round(portrait.width * scale)
    left = (WIDTH - side) / 2 + 22 * np.sin(seconds / 2.3)
    top = 26 * (np.sin(seconds / 1.9) - 1)
    # One affine step, so that the motion is smooth below a pixel.
    inverse = (1 / scale, 0, -left / scale, 0, 1 / scale, -top / scale)
    picture = portrait.transform((WIDTH, HEIGHT), Image.Transform.AFFINE, inverse, Image.Resampling.BICUBIC)
    shown = np.asarray(picture, dtype=np.float32)
    inside = np.asarray(
        Image.new("L", portrait.size, 255).transform((WIDTH, HEIGHT), Image.Transform.AFFINE, inverse), dtype=np.float32
    )[..., None]
    pixels = shown * (inside / 255) + backdrop() * (1 - inside / 255)
    pixels += rng.normal(0, 1.5, (HEIGHT, WIDTH, 1))
    return pixels.clip(0, 255).astype(np.uint8).tobytes()


def backdrop() -> np.ndarray:
    """A plain wall with light from the left."""
    light = np.linspace(70, 40, WIDTH)[None, :, None]
    return np.broadcast_to(light * np.array([0.95, 1.0, 1.1]), (HEIGHT, WIDTH, 3))


def write_video(untouched: Image.Image, edited: Image.Image, target: Path) -> None:
    encoder = subprocess.Popen(
        ["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(RATE),
         "-i", "-", "-c:v", "libx264", "-preset", "slow", "-crf", "21", "-pix_fmt", "yuv420p",
         "-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-threads", "1",
         "-movflags", "+faststart", str(target)],
        stdin=subprocess.PIPE,
    )  # fmt: skip
    rng = np.random.default_rng(SEED)
    for index in range(RATE * SECONDS):
        seconds = index / RATE
        source = edited if EDITED[0] <= seconds < EDITED[1] else untouched
        encoder.stdin.write(frame(source, seconds, rng))
    encoder.stdin.close()
    if encoder.wait() != 0:
        raise SystemExit("ffmpeg failed")


def main() -> None:
    portrait, out = Image.open(sys.argv[1]).convert("RGB"), Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    edited = edited_portrait(portrait)
    portrait.save(out / "portrait.jpg", quality=95)
    edited.save(out / "portrait-edited.jpg", quality=95)
    write_video(portrait, edited, out / "interview.mp4")


if __name__ == "__main__":
    main()
