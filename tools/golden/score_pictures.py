"""Writes what PyTorch says of pictures, for any checkpoint: the golden numbers that `models verify` compares with.

usage: score_pictures.py CHECKPOINT OUT.json [PICTURES]

PICTURES is a folder of pictures, each of which is judged whole; or a folder with golden.json and pictures/, whose boxes are
taken over, so that every checkpoint is held to the same crops (test/fixtures/golden by default).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from reference import Box, Reference, rows_of, weights_sha256, write_golden

FIXTURES = Path(__file__).parents[2] / "test" / "fixtures" / "golden"
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff"}


def looks_in(folder: Path) -> tuple[Path, list[tuple[str, Box | None]]]:
    """The folder of the pictures; their names, each with a box or for the whole of it."""
    golden = folder / "golden.json"
    if golden.exists():
        known = next(iter(json.loads(golden.read_text())["checkpoints"].values()))
        return folder / "pictures", [(row["picture"], row["box"]) for row in known]
    names = sorted(file.name for file in folder.iterdir() if file.suffix.lower() in SUFFIXES)
    return folder, [(name, None) for name in names]


def main() -> None:
    checkpoint, out = Path(sys.argv[1]), Path(sys.argv[2])
    pictures, looks = looks_in(Path(sys.argv[3]) if len(sys.argv) > 3 else FIXTURES)
    rows = rows_of(Reference(checkpoint), pictures, looks)
    write_golden(out, pictures, {checkpoint.name: rows}, {checkpoint.name: weights_sha256(checkpoint)})


if __name__ == "__main__":
    main()
