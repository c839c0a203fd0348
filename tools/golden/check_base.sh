#!/usr/bin/env bash
# Holds the engine to PyTorch at the real model's size: checkpoints of random weights in float32, float16 and bfloat16, made
# once into FOLDER (1 GB; a cache folder by default), their golden numbers, and the engine's differences from them.
# usage: check_base.sh [FOLDER]
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=${1:-$HOME/.cache/deepfake-analysis-service/base-checkpoints}
python=$("$root/tools/demo-model/environment.sh")
checkpoints=()
for dtype in float32 float16 bfloat16; do
  checkpoint=$folder/base-$dtype
  checkpoints+=("$checkpoint")
  if ! [ -f "$checkpoint/golden.json" ]; then
    "$python" "$root/tools/golden/make_checkpoint.py" "$checkpoint" base --seed 31 --dtype "$dtype"
    "$python" "$root/tools/golden/score_pictures.py" "$checkpoint" "$checkpoint/golden.json"
  fi
done
cd "$root"
npm run --silent build >/dev/null
GOLDEN_CHECKPOINTS=$(IFS=:; echo "${checkpoints[*]}") exec npx vitest run --project medium test/medium/model-parity
