"""Writes a ConvNeXt classifier with seeded random weights, laid out as a hub repository that has only ONNX files, and its golden.json;
in OUT-split the same graph with its weights in a file of their own.

usage: make_onnx_repository.py OUT [GOLDEN]

The numbers are PyTorch's for the pictures and boxes of GOLDEN/golden.json (test/fixtures/golden by default), as those of
score_pictures.py. It judges nothing: it tests arithmetic.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import onnx
import torch
from transformers import ConvNextConfig, ConvNextForImageClassification, ConvNextImageProcessorPil

from make_checkpoint import SPREAD, random_pictures
from reference import Reference, rows_of, weights_sha256, write_golden

FIXTURES = Path(__file__).parents[2] / "test" / "fixtures" / "golden"
# From this size on a ConvNeXt's pictures are squashed to a square; below they are cropped.
IMAGE = 384
SEED = 31
# No 0.5, and another value for each channel, so that a mix-up shows.
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def random_model() -> ConvNextForImageClassification:
    """A model whose biases and scales all matter, and whose answers differ by a few logits from picture to picture."""
    torch.manual_seed(SEED)
    config = ConvNextConfig(
        hidden_sizes=[8, 16, 24, 32], depths=[1, 1, 2, 1], image_size=IMAGE, layer_scale_init_value=1.0,
        id2label={0: "Real", 1: "Fake", 2: "Edited"}, label2id={"Real": 0, "Fake": 1, "Edited": 2},
    )  # fmt: skip
    model = ConvNextForImageClassification(config).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                parameter.normal_(0, 0.05)
            elif parameter.dim() == 1:
                parameter.normal_(1, 0.1)
            else:
                parameter.normal_(0, 1.2 / parameter[0].numel() ** 0.5)
        spread_answers(model, random_pictures(IMAGE, SEED + 7) / 0.45)
    return model


def spread_answers(model: ConvNextForImageClassification, pictures: torch.Tensor) -> None:
    """Scales and centres the classifier, so that no label always wins."""
    logits = model(pixel_values=pictures).logits
    scale = SPREAD / (logits - logits.mean(1, keepdim=True)).std()
    model.classifier.weight.mul_(scale)
    model.classifier.bias.sub_(logits.mean(0)).mul_(scale)


def export(model: ConvNextForImageClassification, out: Path) -> None:
    """The graph where transformers.js looks for it, with its names of input and output, and without the exporter's notes."""
    out.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        model, (), out, kwargs={"pixel_values": random_pictures(IMAGE, SEED)[:2]}, dynamo=True, external_data=False, opset_version=18,
        input_names=["pixel_values"], output_names=["logits"],
        dynamic_shapes={"pixel_values": {0: torch.export.Dim("batch_size")}},
    )  # fmt: skip
    proto = onnx.load(out)
    for part in (proto, proto.graph, *proto.graph.node, *proto.graph.value_info, *proto.graph.input, *proto.graph.output):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    onnx.save(proto, out)
    split = out.parents[1].with_name(out.parents[1].name + "-split") / "onnx"
    split.mkdir(parents=True, exist_ok=True)
    weights = out.name + "_data"
    (split / weights).unlink(missing_ok=True)
    onnx.save(proto, split / out.name, save_as_external_data=True, location=weights, size_threshold=256)


def main() -> None:
    out = Path(sys.argv[1])
    golden = Path(sys.argv[2]) if len(sys.argv) > 2 else FIXTURES
    known = next(iter(json.loads((golden / "golden.json").read_text())["checkpoints"].values()))
    looks = [(row["picture"], row["box"]) for row in known]
    processor = ConvNextImageProcessorPil(size={"shortest_edge": IMAGE}, resample=3, image_mean=MEAN, image_std=STD)
    model = random_model()
    with tempfile.TemporaryDirectory() as checkpoint:
        model.save_pretrained(checkpoint)
        processor.save_pretrained(checkpoint)
        rows = rows_of(Reference(Path(checkpoint), ConvNextImageProcessorPil), golden / "pictures", looks)
    model.config.save_pretrained(out)
    processor.save_pretrained(out)
    export(model, out / "onnx" / "model.onnx")
    write_golden(out / "golden.json", golden / "pictures", {out.name: rows}, {out.name: weights_sha256(out)})


if __name__ == "__main__":
    main()
