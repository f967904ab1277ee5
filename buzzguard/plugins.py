"""Finds sources, notifiers, detectors and scorers: built-ins by name, then entry points of installed packages.

Nothing is imported until it is asked for. An addition within the tree is one line here.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Literal, TypeAlias

from pydantic import BaseModel

from buzzguard.config.base import Frozen

Kind: TypeAlias = Literal["source", "notifier", "detector", "scorer"]

SOURCES = {
    "trustpilot": "buzzguard.collect.trustpilot:TrustpilotSource",
    "google_business": "buzzguard.collect.google_business:GoogleBusinessSource",
    "google_play": "buzzguard.collect.google_play:GooglePlaySource",
    "app_store": "buzzguard.collect.app_store:AppStoreSource",
    "meta_pages": "buzzguard.collect.meta_pages:MetaPagesSource",
    "telegram": "buzzguard.collect.telegram:TelegramSource",
    "youtube_channel": "buzzguard.collect.youtube_channel:YoutubeChannelSource",
    "youtube_comments": "buzzguard.collect.youtube_comments:YoutubeCommentsSource",
    "gdelt": "buzzguard.collect.gdelt:GdeltSource",
    "newsapi": "buzzguard.collect.newsapi:NewsApiSource",
    "gnews": "buzzguard.collect.gnews:GNewsSource",
    "mediastack": "buzzguard.collect.mediastack:MediastackSource",
    "wikipedia_views": "buzzguard.collect.wikipedia_views:WikipediaViewsSource",
    "wikipedia_changes": "buzzguard.collect.wikipedia_changes:WikipediaChangesSource",
    "stackexchange": "buzzguard.collect.stackexchange:StackExchangeSource",
    "x": "buzzguard.collect.x:XSource",
    "discourse": "buzzguard.collect.discourse:DiscourseSource",
    "lemmy": "buzzguard.collect.lemmy:LemmySource",
    "mastodon": "buzzguard.collect.mastodon:MastodonSource",
    "bluesky_search": "buzzguard.collect.bluesky_search:BlueskySearchSource",
    "bluesky_jetstream": "buzzguard.collect.bluesky_jetstream:BlueskyJetstreamSource",
    "reddit": "buzzguard.collect.reddit:RedditSource",
    "hackernews": "buzzguard.collect.hackernews:HackerNewsSource",
    "rss": "buzzguard.collect.rss:RssSource",
    "recording": "buzzguard.collect.recording:RecordingSource",
    "http_json": "buzzguard.collect.http_json:HttpJsonSource",
}
NOTIFIERS = {
    "console": "buzzguard.deliver.console:ConsoleNotifier",
    "mail": "buzzguard.deliver.mail:MailNotifier",
    "webhook": "buzzguard.deliver.webhook:WebhookNotifier",
    "pagerduty": "buzzguard.deliver.pagerduty:PagerdutyNotifier",
    "teams": "buzzguard.deliver.teams:TeamsNotifier",
    "mattermost": "buzzguard.deliver.mattermost:MattermostNotifier",
    "discord": "buzzguard.deliver.discord:DiscordNotifier",
    "ntfy": "buzzguard.deliver.ntfy:NtfyNotifier",
    "sms": "buzzguard.deliver.sms:SmsNotifier",
    "alertmanager": "buzzguard.deliver.alertmanager:AlertmanagerNotifier",
    "slack": "buzzguard.deliver.slack:SlackNotifier",
}
DETECTORS = {
    "seasonal": "buzzguard.detect.seasonal:SeasonalDetector",
    "river": "buzzguard.detect.by_river.detector:RiverDetector",
}
SCORERS = {
    "vader": "buzzguard.understand.vader:VaderScorer",
    "quick": "buzzguard.understand.sentiment.quick:QuickScorer",
    "default": "buzzguard.understand.sentiment.default:DefaultScorer",
    "cascade": "buzzguard.understand.sentiment.cascade:CascadeScorer",
}

_BUILT_IN: Mapping[Kind, Mapping[str, str]] = {
    "source": SOURCES,
    "notifier": NOTIFIERS,
    "detector": DETECTORS,
    "scorer": SCORERS,
}


class NoSettings(Frozen):
    """The settings of a plugin that has none."""


def names(kind: Kind) -> list[str]:
    """Every name of a kind, in alphabetical order."""
    return sorted({*_BUILT_IN[kind], *_installed(kind)})


def load(kind: Kind, name: str) -> type:
    """The class behind a name; a built-in wins over an installed plugin of the same name.

    Raises LookupError, in words that a user understands, for a name that is unknown or cannot be imported.
    """
    target = _BUILT_IN[kind].get(name)
    if target is None and name in _installed(kind):
        target = _installed(kind)[name].value
    if target is None:
        raise LookupError(_unknown(kind, name))
    module, _, attribute = target.partition(":")
    try:
        found = getattr(import_module(module.strip()), attribute.partition("[")[0].strip())
    except (ImportError, AttributeError) as error:
        raise LookupError(f"the {kind} {name!r} cannot be loaded from {target}: {error}") from error
    if not isinstance(found, type):
        raise LookupError(f"the {kind} {name!r} ({target}) is not a class")
    return found


def settings_model(kind: Kind, name: str) -> type[BaseModel]:
    """The model of a plugin's own settings (its class attribute `Settings`). Raises LookupError."""
    return _model(kind, name, "Settings")


def receiver_model(name: str) -> type[BaseModel]:
    """The model of what a notifier wants to know of a receiver (its class attribute `Receiver`). Raises LookupError."""
    return _model("notifier", name, "Receiver")


def _model(kind: Kind, name: str, attribute: str) -> type[BaseModel]:
    model = getattr(load(kind, name), attribute, NoSettings)
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        raise LookupError(f"{attribute} of the {kind} {name!r} is not a pydantic model")
    return model


def _installed(kind: Kind) -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=f"buzzguard.{kind}s")}


def _unknown(kind: Kind, name: str) -> str:
    known = names(kind)
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
    return f"unknown {kind} {name!r}, {hint}"
