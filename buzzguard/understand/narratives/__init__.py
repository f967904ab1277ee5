"""Narratives: streaming groups of mentions that tell the same story, each with an identity that lasts.

`Narratives` places one mention after the other and says what is being told. Texts are kept only of the few mentions
that may speak for a narrative. How the method was chosen, and against what, stands in `tests/bench/narratives.md`.
"""

from __future__ import annotations

from buzzguard.understand.narratives.narratives import Narratives, NarrativeSettings

__all__ = ["NarrativeSettings", "Narratives"]
