#!/usr/bin/env bash
# Trains the demo model again and writes it to models/demo, with its metrics and its golden numbers.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
python=$("$here/environment.sh")
"$python" "$here/train.py" "$root/models/demo" --portrait "$root/test/fixtures/golden/pictures/portrait-512.png" "$@"
"$python" "$root/tools/golden/score_pictures.py" "$root/models/demo" "$root/models/demo/golden.json"
