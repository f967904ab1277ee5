"""Where the weights of a tier are, and what was measured of it when it was trained.

`weights/calibration.json` holds, by tier (`quick`, `default`, `accurate`, `cascade`), the fields of `Calibration`; what
is absent keeps its default.
"""

from __future__ import annotations

import math
from io import BytesIO
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from buzzguard.model import Confusion

SHIPPED = Path(__file__).parent / "weights"


class WeightsUnreadable(Exception):
    """The weights of a tier, or what reads them, are missing or broken. `reason` is a short fixed name."""

    def __init__(self, reason: str, detail: str) -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}")


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """What validation texts showed of a tier.

    `temperature` divides its log-probabilities, so that of texts judged .8 sure eight in ten are so judged by people
    (Guo et al. 2017). Below the margin `abstain` between the likeliest side and the next it takes none; up to the
    margin `escalate` a text is worth a better tier. In a fused tier `quick_weight` is the share of the quick tier,
    whose logits are divided by `quick_temperature` first. `recall` and `false_positives`: see `Confusion`.
    """

    temperature: float = 1.0
    abstain: float = 0.05
    escalate: float = 0.2
    quick_weight: float = 0.35
    quick_temperature: float = 2 / 3
    recall: float = 0.8
    false_positives: float = 0.1

    def __post_init__(self) -> None:
        """Refuse what would divide by zero or is no share."""
        for name in ("temperature", "quick_temperature"):
            if not (math.isfinite(getattr(self, name)) and getattr(self, name) > 0):
                raise ValueError(f"{name} must be above 0")
        for name in ("abstain", "escalate", "quick_weight"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must lie from 0 to 1")
        _ = self.confusion

    @property
    def confusion(self) -> Confusion:
        """The error rate, as the port wants it."""
        return Confusion(recall=self.recall, false_positives=self.false_positives)


def calibration(folder: Path, tier: str, otherwise: Calibration | None = None) -> Calibration:
    """What was measured of `tier`; `otherwise`, or defaults, where nothing was. Raises WeightsUnreadable."""
    otherwise = otherwise or Calibration()
    try:
        written = (folder / "calibration.json").read_bytes()
    except FileNotFoundError:
        return otherwise
    except OSError as error:
        raise WeightsUnreadable("weights_unreadable", str(error)) from error
    try:
        return msgspec.json.decode(written, type=dict[str, Calibration]).get(tier, otherwise)
    except (msgspec.DecodeError, ValueError) as error:
        raise WeightsUnreadable("weights_unreadable", f"{folder / 'calibration.json'}: {error}") from error


def arrays(path: Path, *names: str) -> list[NDArray[np.generic]]:
    """The named arrays of an .npz file; nothing in it is executed. Raises WeightsUnreadable."""
    from zipfile import BadZipFile
    from zlib import error as InflateError

    try:
        # From memory: of a broken file np.load would leave the handle open.
        with np.load(BytesIO(path.read_bytes()), allow_pickle=False) as stored:
            return [stored[name] for name in names]
    except FileNotFoundError as error:
        raise WeightsUnreadable("weights_missing", f"{path} is not there") from error
    except (OSError, ValueError, KeyError, EOFError, AttributeError, BadZipFile, InflateError) as error:
        raise WeightsUnreadable("weights_unreadable", f"{path}: {error}") from error
