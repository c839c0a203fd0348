"""The demo classifier: SigLIP's vision model, small, with a patch embedding that starts as a DCT."""

from __future__ import annotations

import numpy as np
import torch
from transformers import SiglipConfig, SiglipForImageClassification

from self_blend import SIZE

PATCH = 16
WIDTH = 128
CHROMA_FILTERS = 16
FAKE, REAL = 0, 1


def build(patches: np.ndarray) -> SiglipForImageClassification:
    """An untrained classifier.

    patches: n × 3 × 16 × 16 of training pictures in -1..1, for whitening. From a random start a model of this size does
    not find blending traces: brightness drowns what is fine. A DCT basis, each filter divided by the standard
    deviation of its answers, puts all frequencies on a level.
    """
    config = SiglipConfig(
        vision_config=dict(
            image_size=SIZE, patch_size=PATCH, hidden_size=WIDTH, num_hidden_layers=4, num_attention_heads=4,
            intermediate_size=512, num_channels=3, hidden_act="gelu_pytorch_tanh", layer_norm_eps=1e-6,
            vision_use_head=False,
        ),
        text_config=dict(hidden_size=WIDTH, num_hidden_layers=1, num_attention_heads=4, intermediate_size=64),
        id2label={FAKE: "Fake", REAL: "Real"},
        label2id={"Fake": FAKE, "Real": REAL},
    )  # fmt: skip
    model = SiglipForImageClassification(config)
    embeddings = model.vision_model.embeddings
    filters = torch.tensor(dct_filters(), dtype=torch.float32)
    answers = torch.tensor(patches, dtype=torch.float32).flatten(1) @ filters.flatten(1).T
    with torch.no_grad():
        scale = answers.std(0).clamp_min(1e-3)
        embeddings.patch_embedding.weight.copy_(filters / scale[:, None, None, None])
        embeddings.patch_embedding.bias.copy_(-answers.mean(0) / scale)
        # A fifth of the patches' own spread: enough to tell the middle from the rim, not enough to hide the texture.
        embeddings.position_embedding.weight.normal_(0, 0.2)
    return model


def dct_filters() -> np.ndarray:
    """WIDTH × 3 × 16 × 16: luminance frequencies spread from low to the highest, and the lowest chroma ones."""
    n = np.arange(PATCH)
    basis = np.cos(np.pi * (n[None] + 0.5) * n[:, None] / PATCH)
    basis /= np.linalg.norm(basis, axis=1, keepdims=True)
    order = sorted(((u, v) for u in n for v in n), key=lambda uv: (uv[0] + uv[1], uv[0]))
    luminance = [order[i] for i in np.linspace(0, len(order) - 1, WIDTH - CHROMA_FILTERS).round().astype(int)]
    blue, red = (-0.169, -0.331, 0.5), (0.5, -0.419, -0.081)
    rows = [((0.299, 0.587, 0.114), uv) for uv in luminance]
    rows += [(colour, uv) for uv in order[: CHROMA_FILTERS // 2] for colour in (blue, red)]
    return np.stack([np.multiply.outer(colour, np.outer(basis[u], basis[v])) for colour, (u, v) in rows])
