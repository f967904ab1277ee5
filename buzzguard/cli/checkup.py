"""Everything that `buzzguard check` looks at. One part's faults never hide another's."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from buzzguard.cli.common import plugin_models, query_fault, said
from buzzguard.config.loader import Loaded, inspect_settings
from buzzguard.config.located import Located, is_folder, show
from buzzguard.config.occurrences import last_end
from buzzguard.config.route_faults import theme_faults
from buzzguard.config.routes import walk
from buzzguard.config.secrets import SecretError, read_secret
from buzzguard.config.settings import Secret, Settings
from buzzguard.config.words import listed, suggest
from buzzguard.errors import BuzzguardError, ConfigError
from buzzguard.model import Fault, Fetched

if TYPE_CHECKING:
    from buzzguard.decide.rule import Rule
    from buzzguard.ports import Clock, Notifier, Scorer, Source
    from buzzguard.understand.theme_files import ReadTheme

Result = TypeVar("Result")
_NO_THEME = "none"
"""The theme of mentions that are about nothing: nobody's business."""
_FEW = 5
_OVER = {
    "en": ("a planned event is over: {names}", "{n} planned events are over: {names}"),
    "fr": ("un événement prévu est passé\u00a0: {names}", "{n} événements prévus sont passés\u00a0: {names}"),
}


class Checkup:
    """Goes through a configuration and what it names. `passed` says in words what was found sound (`told`: more of it),
    `notes` what could not be judged from here, `faults` what is wrong; `tiers` are those of sentiment that work here.
    """

    def __init__(self, config: Path, *, environment: Mapping[str, str]) -> None:
        self.passed: list[tuple[str, dict[str, int]]] = []
        self.notes: list[str] = []
        self.faults: list[Fault] = []
        self.tiers: tuple[str, ...] = ()
        self.told: dict[str, str] = {}
        self._environment = environment
        self._folder = config.absolute().parent
        self.loaded: Loaded = inspect_settings(config, models=plugin_models(), query_fault=query_fault)

    @property
    def language(self) -> str:
        """The language of the configuration; English while it cannot be read."""
        return self.loaded.settings.language if self.loaded.settings else "en"

    def settings(self) -> None:
        """Judge the configuration itself."""
        self.faults += self.loaded.faults
        settings = self.loaded.settings
        if settings is not None:
            parts = ("topics", "streams", "receivers", "policies")
            self._pass("configuration", **{part: len(getattr(settings, part)) for part in parts})
            intake = settings.web.intake
            if not any(stream.enabled for stream in settings.streams.values()):
                self.notes += ["unread"] if intake.token is None and intake.signing_secret is None else []
            self.notes += [] if settings.receivers else ["untold"]

    def calendar(self, now: datetime) -> None:
        """Say how many events are planned, and which of them are over."""
        settings = self.loaded.settings
        if settings is None or not settings.calendar:
            return
        self._pass("calendar", events=len(settings.calendar))
        ends = [(event.name, last_end(event, settings)) for event in settings.calendar]
        over = [name for name, end in ends if end is not None and end * 60 <= now.timestamp()]
        if over:
            names = ", ".join([*map(show, over[:_FEW]), *(["…"] if len(over) > _FEW else [])])
            one, many = _OVER[settings.language]
            self.notes.append((one if len(over) == 1 else many).format(n=len(over), names=names))

    def rotas(self, now: datetime) -> None:
        """Read the calendars of rotas, and say when nobody is on call in the next weeks."""
        from buzzguard.cli.oncall_text import gaps, rotas_of
        from buzzguard.respond.ical import load_calendars

        settings = self.loaded.settings
        if settings is None or not settings.rotas:
            return
        calendars = self._attempt(lambda: load_calendars(settings, self._folder))
        if calendars is not None:
            self._pass("rotas", rotas=len(settings.rotas))
            self.notes += gaps(rotas_of(settings, calendars), now, settings.language)

    def people(self) -> None:
        """Say where nobody would be reached though the shape of everything is right."""
        from buzzguard.cli.people_notes import people_notes

        settings = self.loaded.settings
        if settings is not None:
            self._pass("departments", departments=len(settings.departments)) if settings.departments else None
            self.notes += people_notes(settings)

    def rules(self) -> None:
        """Judge playbooks, words, the press and rules, in that order: rules name playbooks."""
        folders = self._rules_folders()
        playbooks = self._playbooks([folder / "playbooks" for folder in folders])
        self._words(folders)
        self._press(folders)
        self._rules(folders, playbooks)

    def sentiment(self) -> None:
        """Load what tells sentiment, and say which of its tiers work here. That one does not is a note: others do."""
        from buzzguard import plugins
        from buzzguard.cli.tier_words import broken, in_use, tiers
        from buzzguard.understand.sentiment.weights_folder import WeightsUnreadable

        settings, located = self.loaded.settings, self.loaded.located
        if settings is None or located is None:
            return
        try:
            scorer: Scorer = plugins.load("scorer", settings.sentiment.scorer)()
        except (LookupError, WeightsUnreadable) as error:
            self.faults.append(located.fault(("sentiment", "scorer"), str(error)))
            return
        self._pass("sentiment")
        self.tiers, self.told["sentiment"] = tiers(scorer), in_use(scorer, self.language)
        self.notes += broken(scorer, self.language)

    def secrets(self) -> None:
        """See whether every secret can be read. A credential is there under systemd alone."""
        read = 0
        for path, secret in self.loaded.secrets:
            if self._asleep(path):
                continue
            if secret.credential is not None and "CREDENTIALS_DIRECTORY" not in self._environment:
                name = ".".join(map(str, path))
                self.notes.append(f"{name}: systemd alone can read the credential `{secret.credential}`")
                continue
            read += self._secret(path, secret)
        if read:
            self._pass("secrets", secrets=read)

    def online(self, clock: Clock) -> None:
        """Ask each notifier whether an alert would arrive, and read each stream once."""
        if self.loaded.settings is None or self.loaded.located is None:
            return
        online = Online(self.loaded.settings, self.loaded.located, clock=clock)
        asyncio.run(online.run())
        told = {fault.message for fault in self.faults}  # a secret that cannot be read
        self.faults += [fault for fault in online.faults if fault.message not in told]
        self.passed += online.passed

    def _pass(self, what: str, **counts: int) -> None:
        self.passed.append((what, counts))

    def _asleep(self, path: tuple[str | int, ...]) -> bool:
        """Whether what stands at `path` belongs to a stream that is not enabled."""
        located = self.loaded.located
        return located is not None and path[0] == "streams" and located.get((*path[:2], "enabled")) is False

    def _secret(self, path: tuple[str | int, ...], secret: Secret) -> int:
        try:
            read_secret(secret, environment=self._environment)
        except SecretError as error:
            assert self.loaded.located is not None  # it is where the secret was named
            kind = "env" if secret.env is not None else "file" if secret.file is not None else "credential"
            self.faults.append(self.loaded.located.fault((*path, kind), error.message, error.hint))
            return 0
        return 1

    def _rules_folders(self) -> list[Path]:
        located = self.loaded.located
        if located is None:
            return []
        written = located.get(("rules",)) if located.has(("rules",)) else list(Settings.model_fields["rules"].default)
        folders: list[Path] = []
        for index, name in enumerate(written if isinstance(written, list) else []):
            folder = self._folder / str(name)
            found = self._attempt(partial(is_folder, folder))
            if found:
                folders.append(folder)
            elif isinstance(name, str) and found is not None:
                message = f"there is no folder {name}"
                hint = "`buzzguard init` writes one" if name == "rules" else "it is looked for beside this file"
                self.faults.append(located.fault(("rules", index), message, hint))
        return folders

    def _attempt(self, load: Callable[[], Result]) -> Result | None:
        try:
            return load()
        except ConfigError as error:
            self.faults += error.faults
            return None

    def _playbooks(self, folders: Sequence[Path]) -> Any:
        from buzzguard.respond.playbooks import load_playbooks

        playbooks = self._attempt(lambda: load_playbooks(folders))
        if playbooks is not None:
            self._pass("playbooks", playbooks=len(playbooks.ids))
            self.notes += [said(warning) for warning in playbooks.warnings]
        return playbooks

    def _words(self, folders: Sequence[Path]) -> None:
        from buzzguard.understand.gravity import read_gravity
        from buzzguard.understand.theme_files import read_themes

        gravity, faults = read_gravity(folders)
        themes, wrong = read_themes(folders)
        self._owners(themes)
        self.faults += [*faults, *wrong]
        if gravity.families and not faults:
            self._pass("words")
        if themes and not wrong:
            self._pass("themes", themes=len(themes))
        self._sectors(gravity.sectors)

    def _owners(self, themes: Sequence[ReadTheme]) -> None:
        """Where routes go by theme, each theme must be somebody's: that nobody owns it is how alerts are lost."""
        from buzzguard.respond.routing import Router

        settings = self.loaded.settings
        if settings is None or not settings.routes:
            return
        told = {**settings.receivers, **settings.rotas}
        router = Router(
            settings.routes,
            policies=settings.policies,
            reachable=told,
            topics=settings.topics,
            departments=settings.departments,
        )
        if not router.by_theme:
            self._pass("routes", routes=len(list(walk(settings.routes))))
            return
        names = {one.theme.id for one in themes}
        self.faults += theme_faults(self.loaded.located, names) if self.loaded.located and names else []
        lost = [one for one in themes if one.theme.id != _NO_THEME and not router.owns(*_of(one), settings.topics)]
        for one in lost:
            message = f"nobody owns the theme {one.theme.id}: no policy, receiver or rota is called {one.theme.owner}"
            hint = f"name one so, or write a route: `match: {{theme: {one.theme.id}}}` with a `policy`"
            self.faults.append(one.located.fault(("owner",), message, hint, key=True))
        if not lost:
            self._pass("routes", routes=len(list(walk(settings.routes))))

    def _press(self, folders: Sequence[Path]) -> None:
        from buzzguard.understand.authors import press_files, read_press

        files = self._attempt(partial(press_files, folders)) or []
        sites = [self._attempt(partial(read_press, file)) for file in files]
        if files and all(found is not None for found in sites):
            self._pass("press", sites=len({site for found in sites for site in found or ()}))

    def _sectors(self, known: Collection[str]) -> None:
        """See whether the sector of each topic has words."""
        located, settings = self.loaded.located, self.loaded.settings
        for name, topic in settings.topics.items() if settings is not None and located is not None else ():
            if topic.sector is not None and topic.sector not in known:
                assert located is not None
                hint = suggest(topic.sector, known) or f"there are {listed(sorted(known))}"
                message = f"no words are known of the sector {topic.sector}"
                self.faults.append(located.fault(("topics", name, "sector"), message, hint))

    def _rules(self, folders: Sequence[Path], playbooks: Any) -> None:
        from buzzguard.decide.loader import load_rules

        policies = self.loaded.names("policies")
        known = None if playbooks is None else playbooks.ids
        rules = self._attempt(lambda: load_rules(folders, policies=policies, playbooks=known))
        if rules is not None:
            self._pass("rules", rules=len(rules))
            self._budget(rules)

    def _budget(self, rules: Sequence[Rule]) -> None:
        """Say what the budget of false alarms makes of the rules."""
        from buzzguard.cli.budget_words import budget_notes
        from buzzguard.decide.asking import asked

        settings = self.loaded.settings
        if settings is None or settings.false_alarms is None:
            return
        found = asked(rules, settings.topics)
        topics = {question.topic for question in found.questions}
        self._pass("budget", topics=len(topics), rules=len({question.rule for question in found.questions}))
        self.notes += budget_notes(settings, found)


def _of(one: ReadTheme) -> tuple[str, str]:
    return one.theme.id, one.theme.owner


class Online:
    """What only the world can tell."""

    def __init__(self, settings: Settings, located: Located, *, clock: Clock) -> None:
        self.faults: list[Fault] = []
        self.passed: list[tuple[str, dict[str, int]]] = []
        self._settings = settings
        self._located = located
        self._clock = clock

    async def run(self) -> None:
        """Ask everything, one after another."""
        await self._notifiers()
        await self._streams()

    async def _notifiers(self) -> None:
        from buzzguard.assembly import build_notifiers

        try:
            notifiers = build_notifiers(self._settings)
        except ConfigError as error:
            self.faults += error.faults
            return
        for name, notifier in notifiers.items():
            await self._notifier(name, notifier)
            await notifier.close()

    async def _notifier(self, name: str, notifier: Notifier) -> None:
        check: Callable[[], Awaitable[list[str]]] | None = getattr(notifier, "check", None)
        if check is None:
            return
        try:
            troubles = await check()
        except BuzzguardError as error:
            troubles = [str(error)]
        self.faults += [self._located.fault(("notifiers", name), trouble, key=True) for trouble in troubles]
        if not troubles:
            self.passed.append((name, {}))

    async def _streams(self) -> None:
        from buzzguard.assembly import build_sources
        from buzzguard.collect.http import HttpClient

        http = HttpClient(self._settings.network)
        try:
            sources = build_sources(self._settings, http)
            for name, (_, source) in sources.items():
                await self._stream(name, source)
        except ConfigError as error:
            self.faults += error.faults
        finally:
            await http.close()

    async def _stream(self, name: str, source: Source) -> None:
        try:
            fetched: Fetched = await source.fetch("", self._clock.now())
        except BuzzguardError as error:
            self.faults.append(self._located.fault(("streams", name), f"{name} cannot be read: {error}", key=True))
        else:
            self.passed.append((name, {"mentions": len(fetched.mentions)}))
        finally:
            await source.close()
