"""Writes what PyTorch says of the golden pictures, whole and cropped, for a checkpoint.

usage: score_pictures.py CHECKPOINT OUT.json [GOLDEN]

The boxes are those of GOLDEN/golden.json (test/fixtures/golden by default), so that every checkpoint is held to the same
crops. The engine's test compares its own numbers with OUT.json.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from PIL import Image

from reference import Reference, crop_of

FIXTURES = Path(__file__).parents[2] / "test" / "fixtures" / "golden"


def main() -> None:
    checkpoint, out = Path(sys.argv[1]), Path(sys.argv[2])
    golden = Path(sys.argv[3]) if len(sys.argv) > 3 else FIXTURES
    known = next(iter(json.loads((golden / "golden.json").read_text())["checkpoints"].values()))
    reference = Reference(checkpoint)
    rows = []
    for picture, box in ((row["picture"], row["box"]) for row in known):
        image = Image.open(golden / "pictures" / picture).convert("RGB")
        crop = crop_of(box, *image.size) if box else None
        logits, p_fake = reference.score(image.crop(crop) if crop else image)
        rows.append({"picture": picture, "box": box, "crop": crop, "logits": logits, "p_fake": p_fake})
    out.write_text(json.dumps({"checkpoints": {checkpoint.name: rows}}, indent=1) + "\n")


if __name__ == "__main__":
    main()
