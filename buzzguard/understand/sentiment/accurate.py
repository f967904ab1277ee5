"""The accurate tier: a fine-tuned multilingual-e5-small. Its weights are a package of their own.

The package `buzzguard_accurate`, installed beside this one, holds `encoder.onnx`, `embedding.npz`,
`sp.model` and `calibration.json`, read as those of the default tier are.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from buzzguard.understand.sentiment.encoder import Encoder, Layout
from buzzguard.understand.sentiment.fused import FusedTier
from buzzguard.understand.sentiment.weights_folder import WeightsUnreadable, calibration

PACKAGE = "buzzguard_accurate"
LAYOUT = Layout(prefix="query: ", most_tokens=96, halves=True)
"""E5 wants its prefix; beyond 96 pieces hardly a short text goes."""


def load_accurate(folder: Path | None = None) -> FusedTier:
    """The tier of `folder`, or of the installed package. Raises WeightsUnreadable (`not_installed` for no package)."""
    folder = folder or installed()
    return FusedTier("accurate", Encoder(folder, LAYOUT), calibration(folder, "accurate"))


def installed() -> Path:
    """Where the package's weights are. Raises WeightsUnreadable."""
    found = find_spec(PACKAGE)
    places = found.submodule_search_locations if found else None
    if not places:
        raise WeightsUnreadable("not_installed", "the package buzzguard-accurate brings the accurate tier")
    return Path(next(iter(places)))
