#!/usr/bin/env bash
# Makes the demo's media again from the public-domain portrait.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
python=$("$root/tools/demo-model/environment.sh")
"$python" "$here/make.py" "$root/test/fixtures/golden/pictures/portrait-512.png" "$root/demo"
