"""What every format of feed comes down to."""

from __future__ import annotations

from buzzguard.model import Record


class Entry(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One entry as written: texts may be HTML, dates and addresses anything. `outlet` is whom an aggregator names."""

    guid: str = ""
    link: str = ""
    title: str = ""
    text: str = ""
    published: str = ""
    author: str = ""
    language: str = ""
    outlet: str = ""
    outlet_url: str = ""


class Feed(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A document read. `cut` says that its end was missing, `ended` that it declares to have ended for good; `links`
    are its addresses by what they are (`hub`, `self`)."""

    entries: tuple[Entry, ...] = ()
    link: str = ""
    language: str = ""
    every_minutes: int = 0
    note: str = ""
    cut: bool = False
    ended: bool = False
    links: dict[str, str] = {}


class NotAFeed(Exception):
    """The document is no feed; the message says what it is. `page` is its text, where a hint may be found in it."""

    def __init__(self, message: str, *, page: str = "") -> None:
        super().__init__(message)
        self.page = page
