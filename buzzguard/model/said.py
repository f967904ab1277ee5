"""From understand: what is being said of a topic over a span, as an alert tells it."""

from __future__ import annotations

from datetime import timedelta

from buzzguard.model.base import Localised, Record
from buzzguard.model.narrative import Narrative
from buzzguard.model.quote import Quote


class ThemeShare(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A theme of a span: the share (0…1) of its mentions that are about it, whose business it is (a department), and
    the words that decided most often."""

    theme: str
    share: float
    title: Localised = {}
    owner: str = ""
    words: tuple[str, ...] = ()


class Clue(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A clue that what many wrote was arranged; never a proof, for fans and broadcasts leave such traces too.

    `kind` names it (`understand.coordination.Clue`), `numbers` fill its sentence, `mentions` are the ids of some that
    show it.
    """

    kind: str
    numbers: dict[str, float]
    mentions: tuple[str, ...] = ()


class Voices(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Who speaks in a span: mentions by the press, with its best known names; distinct authors whose accounts are
    verified, and those whose accounts are new (see `understand.authors.NEW`), as far as their source tells."""

    press: int = 0
    press_names: tuple[str, ...] = ()
    verified: int = 0
    new: int = 0


class Said(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What the mentions of a topic say, published in the `span` up to the alert.

    `languages` are shares (0…1), largest first, of mentions whose language is known. `copies` is the share that copies
    another's text, `unsure` the share whose sentiment nobody can tell. `provisional` is how many were scored by the
    quick tier alone, in a burst. `advocates` are positive originals, those most heard of first.
    """

    span: timedelta
    mentions: int
    narratives: tuple[Narrative, ...] = ()
    themes: tuple[ThemeShare, ...] = ()
    languages: tuple[tuple[str, float], ...] = ()
    copies: float = 0.0
    unsure: float = 0.0
    provisional: int = 0
    voices: Voices = Voices()
    clues: tuple[Clue, ...] = ()
    advocates: tuple[Quote, ...] = ()
