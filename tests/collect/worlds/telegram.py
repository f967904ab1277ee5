"""Telegram: a channel's public page, and a bot's updates."""

from __future__ import annotations

from html import escape
from typing import Any, ClassVar

from werkzeug import Request, Response

from tests.collect.worlds import base
from tests.collect.worlds.base import Trouble, cut, reply, web_page

TOKEN = "123456:AAbot-token"


class World(base.World):
    """The page of `alerteconso`, twenty messages a time; and a bot that hears the same."""

    troubles: ClassVar[frozenset[Trouble]] = frozenset(("limited", "down", "web_page", "cut"))
    page: ClassVar[int] = 20
    confirmed = 0
    """Updates below this number are forgotten."""

    def settings(self) -> dict[str, Any]:
        """See `base.World`."""
        self.server.expect_request("/s/alerteconso").respond_with_handler(self._page)
        self.server.expect_request("/s/nothing").respond_with_data("", 302, {"Location": "/nothing"})
        return {"channels": ["alerteconso"], "address": self.server.url_for("").rstrip("/")}

    def missing(self) -> dict[str, Any]:
        """See `base.World`."""
        return self.settings() | {"channels": ["nothing"]}

    def bot(self) -> dict[str, Any]:
        """Settings of the bot, whose token is in the environment as `BOT`."""
        self.server.expect_request(f"/bot{TOKEN}/getUpdates").respond_with_handler(self._updates)
        return {"bot_token": {"env": "BOT"}, "api": self.server.url_for("").rstrip("/")}

    def _page(self, request: Request) -> Response:
        if self.trouble == "limited":
            return Response("slow down", 429, {"Retry-After": "90"})
        if self.trouble == "down":
            return Response("later", 503)
        if self.trouble == "web_page":
            return web_page()
        before = int(request.args.get("before", len(self.texts) + 1))
        some = self.texts[max(before - 21, 0) : before - 1]
        messages = "".join(self._message(text) for text in some)
        document = f'<!doctype html><html><body><div class="tgme_channel_info"></div>{messages}</body></html>'
        answer = Response(document, content_type="text/html; charset=utf-8")
        return cut(answer) if self.trouble == "cut" else answer

    def _message(self, text: str) -> str:
        number = self.texts.index(text) + 1
        time = "" if text in self.spoilt else f'<time datetime="{self.at(text).isoformat()}">'
        return (
            f'<div class="tgme_widget_message" data-post="alerteconso/{number}">'
            '<a class="tgme_widget_message_owner_name">Alerte Conso</a>'
            f'<div class="tgme_widget_message_text js-message_text">{escape(text)}</div>'
            '<span class="tgme_widget_message_views">1.8K</span>'
            f'<a class="tgme_widget_message_date" href="#">{time}</time></a></div>'
        )

    def _updates(self, request: Request) -> Response:
        self.confirmed = max(self.confirmed, int(request.args.get("offset", "0")))
        some = [text for text in self.texts if self._number(text) >= self.confirmed][: int(request.args["limit"])]
        return reply({"ok": True, "result": [self._update(text) for text in some]})

    def _number(self, text: str) -> int:
        return 730000001 + self.texts.index(text)

    def _update(self, text: str) -> dict[str, Any]:
        chat = {"id": -1001234567890, "type": "channel", "title": "Alerte Conso", "username": "alerteconso"}
        message = {
            "message_id": self.texts.index(text) + 1,
            "date": int(self.at(text).timestamp()),
            "author_signature": "Rédaction",
            "sender_chat": chat,
            "chat": chat,
            "text": text,
        }
        if text in self.spoilt:
            message |= {"message_id": None}
        return {"update_id": self._number(text), "channel_post": message}
