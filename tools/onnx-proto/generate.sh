#!/bin/sh
# Generates libs/model/onnx/generated/onnx_pb.ts from the onnx.proto inside the PyPI package "onnx" (Apache-2.0).
# Needs pip, unzip and npx; works in a temporary folder and replaces only the generated file.
set -eu

ONNX_VERSION=1.23.2
PROTOC_GEN_ES_VERSION=2.17.0 # the version of @bufbuild/protobuf in package.json
BUF_VERSION=1.75.0

root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

pip download "onnx==$ONNX_VERSION" --no-deps --quiet --dest .
unzip -q -o ./onnx-*.whl onnx/onnx.proto -d proto
cat > buf.yaml <<YAML
version: v2
modules:
  - path: proto
YAML
cat > buf.gen.yaml <<YAML
version: v2
plugins:
  - local: node_modules/.bin/protoc-gen-es
    out: generated
    opt: [target=ts, import_extension=js]
YAML
npm init --yes > /dev/null
npm install --silent --no-fund --no-audit "@bufbuild/buf@$BUF_VERSION" "@bufbuild/protoc-gen-es@$PROTOC_GEN_ES_VERSION"
npx buf generate
mkdir -p "$root/libs/model/onnx/generated"
cp generated/onnx/onnx_pb.ts "$root/libs/model/onnx/generated/onnx_pb.ts"
