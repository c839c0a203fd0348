#!/usr/bin/env bash
# Makes the Python environment of these tools once and prints its interpreter.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
venv=${DEMO_TOOLS_VENV:-$HOME/.cache/deepfake-analysis-service/demo-tools}
if ! [ -f "$venv/.ready" ] || ! cmp -s "$venv/.ready" "$here/requirements.txt"; then
  python3 -m venv "$venv" >&2
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt" >&2
  cp "$here/requirements.txt" "$venv/.ready"
fi
echo "$venv/bin/python"
