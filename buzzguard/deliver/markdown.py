"""Outlines in the Markdown of chat services: Teams, Mattermost, Discord.

Their dialects differ in what they let a backslash escape, so text from outside is not escaped but defused, as for
Slack (`escape`): marks become look-alikes that no client parses, and an invisible joiner breaks what would link, ping
or open a list, a heading or a quote.
"""

from __future__ import annotations

import re

from buzzguard.deliver.escape import JOINER, isolate, plain, safe_address
from buzzguard.deliver.outline import Line, Outline, Part
from buzzguard.deliver.wording.messages import message_words

_LOOKALIKES = str.maketrans({"\\": "∖", "|": "∣", "[": "［", "]": "］"})
_OPENS = re.compile(r"^(?:[#>+=‹-]|\d{1,9}[.)])")
_ENTITY = re.compile(r"&(?=#?\w{1,40};)")


def markdown(text: str) -> str:
    """Text from outside, on one line, shown as it reads and inert."""
    inert = _ENTITY.sub("&" + JOINER, plain(text).translate(_LOOKALIKES))
    return isolate((JOINER if _OPENS.match(inert) else "") + inert)


def bold(text: str) -> str:
    """Text from outside in bold; nothing for nothing."""
    shown = markdown(text)
    return f"**{shown}**" if shown else ""


def line(shown: Line) -> str:
    """A line of a part."""
    words = " ".join(filter(None, (bold(shown.lead), markdown(shown.text))))
    return words + (f" · {_link(shown)}" if shown.link else "")


def as_markdown(outline: Outline, parts: tuple[Part, ...]) -> str:
    """The outline with these of its parts, without its heading; says so where some are left out."""
    lines = [markdown(each) for each in outline.what]
    lines += [bold(each) if at == 0 else markdown(each) for at, each in enumerate(outline.state)]
    for part in parts:
        lines += ["", bold(part.title), *(f"> {line(each)}" if each.quoted else line(each) for each in part.lines)]
    small = [markdown(outline.small)] if outline.small else []
    if parts != outline.parts:
        small.append(message_words(outline.language).shortened)
    return "\n".join([*lines, *([""] if small else []), *small])


def _link(shown: Line) -> str:
    address = safe_address(shown.url)
    return f"[{markdown(shown.link)}]({address})" if address else markdown(shown.link)
