"""The files that `buzzguard init` writes: made from answers, put in place all together or not at all."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote_plus, urlsplit

from buzzguard.cli.common import plugin_models, query_fault
from buzzguard.config.nodes import resolve
from buzzguard.deliver.slack_manifest import manifest_yaml
from buzzguard.errors import ConfigError
from buzzguard.model import WATCHER_TOPIC, Fault, Record

CONFIG = "buzzguard.yml"
MANIFEST = "slack-manifest.yml"
_RULE_KINDS = frozenset({".yml", ".md"})
_IGNORED = """\
# {}
/buzzguard.db*
/secrets/
.env
"""
_NEWS = {
    "fr": "https://news.google.com/rss/search?q={}&hl=fr&gl=FR&ceid=FR:fr",
    "en": "https://news.google.com/rss/search?q={}&hl=en-US&gl=US&ceid=US:en",
}
_OPERATORS = frozenset({"AND", "OR", "NOT", "NEAR", "ET", "OU", "SAUF", "SANS"})
_CHANNEL = re.compile(r"[CGD][A-Z0-9]{2,30}")
_FILE_WORDS = {
    "fr": {
        "ignored": "Les secrets et la base de données restent hors de la gestion de versions.",
    },
    "en": {
        "ignored": "Secrets and the database stay out of version control.",
    },
}


class Answers(Record, frozen=True, kw_only=True):
    """What a newcomer says of their watch."""

    language: str
    brand: str
    feeds: tuple[str, ...] = ()
    channel: str = ""


class Taken(Exception):
    """Files that would be overwritten."""

    def __init__(self, files: Iterable[Path]) -> None:
        self.files = tuple(files)
        super().__init__(", ".join(map(str, self.files)))


def brand_trouble(brand: str) -> bool:
    """Whether a name cannot be watched: unprintable, too long, or without a letter to look for."""
    return not brand.strip() or len(brand) > 100 or not brand.isprintable() or query_fault(query_of(brand)) is not None


def is_feed(url: str) -> bool:
    """Whether this is the address of something on the web."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    plain = url.isascii() and url.isprintable() and " " not in url
    return plain and parts.scheme in ("http", "https") and bool(parts.hostname)


def is_channel(channel: str) -> bool:
    """Whether this is the id of a Slack channel."""
    return _CHANNEL.fullmatch(channel) is not None


def query_of(brand: str) -> str:
    """The boolean query that looks for a name: a phrase, but for a single plain word."""
    name = " ".join(re.sub(r'["“”„‟«»＂*]', " ", brand).split())
    return name if name.isalnum() and name.upper() not in _OPERATORS else f'"{name}"'


def identifier_of(name: str, *, otherwise: str) -> str:
    """A name as an identifier: `L’Oréal Paris` → `l-oreal-paris`; `otherwise` when nothing of it remains."""
    plain = unicodedata.normalize("NFKD", name.replace("’", "'")).encode("ascii", "ignore").decode().lower()
    found = re.sub(r"[^a-z0-9]+", "-", re.sub(r"'(?=s\b)", "", plain)).strip("-")[:60].strip("-")
    return otherwise if not found or found == WATCHER_TOPIC else found


def quoted(text: str) -> str:
    """A text in YAML's quotes, whatever it holds."""
    if '"' in text and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    escaped = "".join(
        f"\\{character}" if character in '"\\' else character if character.isprintable() else f"\\U{ord(character):08x}"
        for character in text
    )
    return f'"{escaped}"'


def key(identifier: str) -> str:
    """An identifier as a key of YAML: `1984` and `null` need quotes."""
    return identifier if isinstance(resolve(identifier), str) else quoted(identifier)


def render(answers: Answers) -> dict[str, str]:
    """The text files by name, but for the rules."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(  # it writes YAML, whose quoting the filter does
        loader=PackageLoader("buzzguard.cli", "starter"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters |= {"yaml": quoted, "key": key}
    query = query_of(answers.brand)
    config = environment.get_template(f"buzzguard.{answers.language}.yml.j2").render(
        topic=identifier_of(answers.brand, otherwise="marque" if answers.language == "fr" else "brand"),
        brand=answers.brand.strip(),
        query=query,
        feeds=_named_feeds(answers.feeds),
        news=_NEWS[answers.language].format(quote_plus(query)),
        channel=answers.channel,
        receiver=_receiver(answers),
    )
    manifest = manifest_yaml(language="fr" if answers.language == "fr" else "en")
    ignored = _IGNORED.format(_FILE_WORDS[answers.language]["ignored"])
    return {MANIFEST: manifest, ".gitignore": ignored, CONFIG: config}


def _receiver(answers: Answers) -> str:
    if answers.channel:
        return "communication" if answers.language == "fr" else "communications"
    return "ecran" if answers.language == "fr" else "screen"


def _named_feeds(feeds: Iterable[str]) -> list[tuple[str, str]]:
    """Feeds with an identifier each, after their site."""
    named: dict[str, str] = {}
    for url in dict.fromkeys(feeds):
        site = identifier_of((urlsplit(url).hostname or "").removeprefix("www."), otherwise="feed")
        name, number = site, 2
        while name in named:
            name, number = f"{site}-{number}", number + 1
        named[name] = url
    return list(named.items())


def write(answers: Answers, folder: Path, *, force: bool) -> list[Path]:
    """Write everything into `folder`, and return the paths below it.

    First beside their places, then all are moved, the configuration last. Raises Taken when something is there
    already and `force` is not given (a `.gitignore` that is there stays as it is), ConfigError when what the answers
    make is faulty, OSError when the folder cannot be written.
    """
    from buzzguard.config.shipped import shipped_rules

    rules = {Path("rules", file): shipped_rules() / file for file in _rule_files(shipped_rules())}
    texts = {Path(name): text for name, text in render(answers).items()}
    if (folder / ".gitignore").exists():
        del texts[Path(".gitignore")]
    files = [*sorted(rules), *texts]
    taken = [file for file in files if os.path.lexists(folder / file)]
    if taken and not force:
        raise Taken(taken)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".buzzguard-init-", dir=folder) as name:
        stage = Path(name)
        for file in files:
            (stage / file).parent.mkdir(parents=True, exist_ok=True)
            _put(stage / file, rules.get(file), texts.get(file, ""))
        _judge(stage / CONFIG)
        for file in files:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (stage / file).replace(folder / file)
    return files


def _rule_files(folder: Path) -> Iterator[Path]:
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.suffix in _RULE_KINDS:
            yield file.relative_to(folder)


def _put(target: Path, source: Path | None, text: str) -> None:
    if source is not None:
        shutil.copyfile(source, target)
    else:
        target.write_text(text, encoding="utf-8")


def _judge(config: Path) -> None:
    """See that what was written would be taken."""
    from buzzguard.config.loader import inspect_settings

    loaded = inspect_settings(config, models=plugin_models(), query_fault=query_fault)
    if loaded.faults:
        raise ConfigError([_renamed(fault) for fault in loaded.faults])


def _renamed(fault: Fault) -> Fault:
    return Fault(file=CONFIG, line=fault.line, column=fault.column, message=fault.message, hint=fault.hint)
