"""The photographs the demo model is trained and tested on, by origin.

None of them is kept in this repository: they are fetched from Debian packages and from scikit-image's wheel, whose
licences are listed in SOURCES.md. The portrait that the demo shows is in neither training nor calibration.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import skimage
from PIL import Image

DEBIAN_PACKAGES = ("mate-backgrounds", "lomiri-wallpapers-16.04", "lomiri-wallpapers-20.04")

# Photographs only: drawn wallpapers have none of a camera's fine texture.
TRAINING = (
    "Aqua.jpg", "Blinds.jpg", "Dune.jpg", "FreshFlower.jpg", "Garden.jpg", "GreenMeadow.jpg", "RainDrops.jpg",
    "Storm.jpg", "TwoWings.jpg", "Wood.jpg", "Dragonfly_by_Bolly.jpg", "Picture_0B_by_freespace.jpg",
    "Wine_by_Jakkub_Mede.jpg", "aitzgorri_by_Aitzol_Berasategi.jpg", "free_by_Peter_Nerlich.jpg",
    "friends_by_Aitzol_Berasategi.jpg", "greentock_by_Peter_Nerlich.jpg", "picosdeeuropa_by_Aitzol_Berasategi.jpg",
    "seeding_by_Clements_Engelhardt.jpg", "umang_by_Abhishek_Mudgal.jpg", "Kleiber_by_Lukas_Baubkus.jpg",
    "coffee.png", "rocket.jpg", "motorcycle_left.png",
)  # fmt: skip
CALIBRATION = ("YellowFlower.jpg", "Picture_1A_by_freespace.jpg", "sunset_by_Aitzol_Berasategi.jpg")
HELD_OUT = ("LadyBird.jpg", "Bridge_by_Sander_Klootwijk.jpg", "life_by_Aitzol_Berasategi.jpg", "chelsea.png")

# Longest sides in pixels at which every photograph is used: a camera's full size is too smooth at pixel level.
SCALES = (700, 1100, 1600)


def fetch(folder: Path) -> dict[str, Path]:
    """Downloads and unpacks the packages once. Returns the path of every photograph by its file name."""
    unpacked = folder / "unpacked"
    if not unpacked.exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", *DEBIAN_PACKAGES], cwd=folder, check=True, stdout=sys.stderr)
        for package in folder.glob("*.deb"):
            subprocess.run(["dpkg-deb", "-x", package, unpacked], check=True)
    found = [*unpacked.rglob("*"), *(Path(skimage.__file__).parent / "data").iterdir()]
    by_name = {path.name: path for path in found if path.is_file()}
    wanted = {*TRAINING, *CALIBRATION, *HELD_OUT}
    if missing := sorted(wanted - by_name.keys()):
        raise SystemExit(f"expected these photographs in {', '.join(DEBIAN_PACKAGES)} and scikit-image: {missing}")
    return {name: by_name[name] for name in wanted}


def load(path: Path) -> list[Image.Image]:
    """The photograph in RGB at each of SCALES that it reaches."""
    whole = Image.open(path).convert("RGB")
    sides = [side for side in SCALES if side <= max(whole.size)] or [max(whole.size)]
    pictures = []
    for side in sides:
        picture = whole.copy()
        picture.thumbnail((side, side), Image.Resampling.LANCZOS)
        pictures.append(picture)
    return pictures
