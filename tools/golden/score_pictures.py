"""Writes what PyTorch says of the golden pictures, whole and cropped, for a checkpoint.

usage: score_pictures.py CHECKPOINT OUT.json [GOLDEN]

The boxes are those of GOLDEN/golden.json (test/fixtures/golden by default), so that every checkpoint is held to the same
crops. The engine's test compares its own numbers with OUT.json.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from reference import Reference, rows_of

FIXTURES = Path(__file__).parents[2] / "test" / "fixtures" / "golden"


def main() -> None:
    checkpoint, out = Path(sys.argv[1]), Path(sys.argv[2])
    golden = Path(sys.argv[3]) if len(sys.argv) > 3 else FIXTURES
    known = next(iter(json.loads((golden / "golden.json").read_text())["checkpoints"].values()))
    looks = [(row["picture"], row["box"]) for row in known]
    rows = rows_of(Reference(checkpoint), golden / "pictures", looks)
    out.write_text(json.dumps({"checkpoints": {checkpoint.name: rows}}, indent=1) + "\n")


if __name__ == "__main__":
    main()
