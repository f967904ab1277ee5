"""The notifier that prints: for the demo, for a first try, for whoever watches a terminal.

A card is printed whole; its updates, which Slack shows by editing the message, as one short line each; news as the
lines of a thread. Nothing can be looked up on a terminal: a repeat is recognised while the process lives.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from buzzguard.config.base import Frozen
from buzzguard.deliver.letters import letter_text
from buzzguard.errors import DeliveryDelayed
from buzzguard.model import Delivery, DeliveryState, Letter, Notification, NotificationKind

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

PLACE = "console"
_REMEMBERED = 10_000
_RETRY_AFTER = timedelta(seconds=30)


class ConsoleSettings(Frozen):
    """`color`: `auto` follows the terminal, `always` and `never` do not."""

    color: Literal["auto", "always", "never"] = "auto"


class ConsoleReceiver(Frozen):
    """A terminal has no address."""


class ConsoleNotifier:
    """Prints notifications on standard output, or on the console given."""

    Settings = ConsoleSettings
    Receiver = ConsoleReceiver

    def __init__(
        self, settings: ConsoleSettings, receivers: Mapping[str, ConsoleReceiver], *, console: Console | None = None
    ) -> None:
        self._settings = settings
        self._receivers = receivers
        self._console = console
        self._printed: OrderedDict[str, None] = OrderedDict()

    async def deliver(
        self,
        notification: Notification,
        *,
        card: Delivery | None,
        uncertain: bool,  # noqa: ARG002  a terminal cannot be asked what it shows
        now: datetime,
    ) -> Delivery:
        """Print once; a key printed before by this process is not printed again.

        Raises DeliveryDelayed when the terminal cannot be written to.
        """
        if notification.key not in self._printed:
            self._print(_renderable(notification, known=card is not None))
            self._remember(notification.key)
        return Delivery(
            key=notification.key, at=now, state=DeliveryState.DELIVERED, place=PLACE, message=notification.key
        )

    async def deliver_letter(self, letter: Letter, *, uncertain: bool, now: datetime) -> Delivery:  # noqa: ARG002  as above
        """See `ports.LetterNotifier.deliver_letter`."""
        from rich.text import Text

        if letter.key not in self._printed:
            self._print(Text(letter_text(letter.page)))
            self._remember(letter.key)
        return Delivery(key=letter.key, at=now, state=DeliveryState.DELIVERED, place=PLACE, message=letter.key)

    async def close(self) -> None:
        """Nothing to free."""

    def _print(self, renderable: RenderableType) -> None:
        console = self._console or _new_console(self._settings.color)
        self._console = console
        try:
            console.print(renderable)
            console.file.flush()
        except (OSError, ValueError) as error:  # ValueError: the file is closed
            message = f"the terminal cannot be written to ({type(error).__name__})"
            raise DeliveryDelayed(message, retry_after=_RETRY_AFTER) from error

    def _remember(self, key: str) -> None:
        self._printed[key] = None
        while len(self._printed) > _REMEMBERED:
            self._printed.popitem(last=False)


def _renderable(notification: Notification, *, known: bool) -> RenderableType:
    from buzzguard.deliver import terminal

    if notification.kind is NotificationKind.NEWS:
        return terminal.news_renderable(notification.card)
    if notification.kind is NotificationKind.UPDATE and known:
        return terminal.update_renderable(notification.card)
    return terminal.card_renderable(notification.card)


def _new_console(color: Literal["auto", "always", "never"]) -> Console:
    from rich.console import Console

    if color == "never":
        return Console(no_color=True, color_system=None, highlight=False)
    return Console(force_terminal=True if color == "always" else None, highlight=False)
