"""`buzzguard mention` on the store of a small real watch."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import shutil
from collections.abc import Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest
from click.testing import CliRunner, Result

from buzzguard.assembly import Assembly, assemble, rebuild_core
from buzzguard.cli import main
from buzzguard.cli.mention_acts import Desk, say
from buzzguard.clock import ManualClock, SystemClock
from buzzguard.config.settings import Settings
from buzzguard.config.shipped import shipped_rules
from buzzguard.model import Author, Batch, Click, ClickKind, Effects, Mention, Person, ScoredMention, Sentiment, Text
from buzzguard.pipeline import Core, step
from buzzguard.store.sole import SoleUse
from buzzguard.store.sql import SqlStore
from buzzguard.understand.privacy import Keeper
from buzzguard.understand.sentiment.cascade import CascadeScorer
from buzzguard.understand.sentiment.weights_folder import SHIPPED
from buzzguard.worker import Worker

T = TypeVar("T")
NOW = SystemClock().now().replace(microsecond=0) - timedelta(hours=1)
RAGE = "Acme m'a encore débité deux fois, service client honteux, j'attends mon remboursement depuis un mois"
COPY = "RT @jdupont : " + RAGE
JOY = "Merci Acme, livraison rapide et équipe adorable, je recommande les yeux fermés"
PLAIN = "Acme opened a shop in Lyon today"
BOTH = "Acme is a wonderful phone, I love it. Lumio is a horrible disaster, avoid it"
HOSTILE = "Acme \x1b[31mred\x1b[0m \u202e<!channel>\u2066 " + "👩‍👩‍👧 x" * 300
PUN = "Acme, c'est de la bombe ce truc, une tuerie"


def document(**more: Any) -> dict[str, Any]:
    """Two brands in Paris, the quick scorer within the cascade, clara leads."""
    told: dict[str, Any] = {
        "time_zone": "Europe/Paris",
        "topics": {"acme": {"name": "Acme SA", "query": "acme"}, "lumio": {"name": "Lumio", "query": "lumio"}},
        "rules": [str(shipped_rules())],
        "sentiment": {"leads": ["clara"]},
        "notifiers": {"console": {"kind": "console"}},
        "receivers": {"comms": {"notifier": "console"}},
        "policies": {"crisis": {"steps": [{"notify": ["comms"]}], "repeat": 0}},
    }
    return told | more


def mention(number: int, text: str, **more: Any) -> Mention:
    """A post, the higher its number the later."""
    at = NOW - timedelta(minutes=60 - number)
    told: dict[str, Any] = {
        "published": at,
        "fetched": at,
        "text": text,
        "site": f"site{number}.example",
        "author": Author(id=f"writer{number}"),
    } | more
    return Mention(id=f"rss:{number:08d}", stream="forum", source="rss", **told)


MENTIONS = (
    mention(1, RAGE, author=Author(id="1077", handle="@jdupont", name="Jean Dupont", followers=1234)),
    mention(2, JOY, title="Bravo"),
    mention(3, PLAIN),
    mention(4, BOTH),
    mention(5, COPY),
    mention(6, HOSTILE, site="\x1b]0;evil\x07.example"),
    mention(7, PUN),
    mention(8, "Given to Acme by its stream", topics=("acme",)),
)
UNSURE = mention(0, "Acme, whatever")


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """With a cascade of the quick tier alone: it is what every installation has."""
    weights = tmp_path_factory.mktemp("weights")
    shutil.copy(SHIPPED / "quick.npz", weights)
    settings = Settings.model_validate(document(sentiment={"scorer": "vader", "leads": ["clara"]}))
    made = assemble(settings, tmp_path_factory.mktemp("base"))
    readers = dataclasses.replace(made.parts.readers, scorer=CascadeScorer(weights, weights))
    return msgspec.structs.replace(made, parts=msgspec.structs.replace(made.parts, readers=readers))


@pytest.fixture(scope="module")
def watched(assembly: Assembly) -> Path:
    """The database after the mentions went through the core."""

    async def watch() -> None:
        store = await SqlStore.open(assembly.settings.store, base=assembly.base)
        effects = step(Core(assembly.settings, assembly.parts), Batch(mentions=MENTIONS), NOW)
        await store.commit(effects, {})
        torn = Sentiment(negative=0.41, positive=0.39, confidence=0.02, tier="quick", unsure=True)
        unsure = ScoredMention(mention=UNSURE, topics=("acme",), sentiment=torn, narratives=("a1b2",))
        await store.commit(Effects(at=NOW, mentions=(unsure,)), {})
        await store.close()

    asyncio.run(watch())
    return assembly.base / "buzzguard.db"


class Folder:
    """An installation with a database of its own."""

    def __init__(self, path: Path, watched: Path) -> None:
        self.path = path
        self.configure()
        shutil.copy(watched, path / "buzzguard.db")

    def configure(self, **more: Any) -> None:
        (self.path / "buzzguard.yml").write_text(json.dumps(document(**more)), encoding="utf-8")

    def run(self, *arguments: str, said: str | None = None, code: int = 0) -> Result:
        config = ["-c", str(self.path / "buzzguard.yml")]
        result = CliRunner().invoke(main, ["mention", *arguments, *config], input=said)
        assert result.exit_code == code, result.output
        return result

    def documents(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json").stdout)

    def ask(self, question: Callable[[SqlStore], Coroutine[Any, Any, T]]) -> T:
        async def asked() -> T:
            store = await SqlStore.open(Settings.model_validate(document()).store, base=self.path)
            try:
                return await question(store)
            finally:
                await store.close()

        return asyncio.run(asked())

    @property
    def clicks(self) -> list[Click]:
        return self.ask(lambda store: store.clicks_after(0))[0]


@pytest.fixture
def folder(tmp_path: Path, watched: Path) -> Folder:
    return Folder(tmp_path, watched)


def test_the_newest_come_first_two_lines_each_and_nothing_hostile_reaches_the_terminal(folder: Folder) -> None:
    told = folder.run("list").stdout
    ids = [line.split(" · ")[0].strip() for line in told.splitlines()[1::2]]
    assert ids == [one.id for one in reversed((UNSURE, *MENTIONS))]
    assert "“Bravo. Merci Acme" in told and "rss:1077" in told
    assert "acme positive" in told and "lumio negative" in told, "what it says of each brand"
    everything = told + folder.run("show", "rss:00000006").stdout
    assert not any(char in everything for char in "\x1b\x07\u202e\u2066")


def test_a_list_is_narrowed_by_topic_side_theme_language_and_time(folder: Folder) -> None:
    def ids(*arguments: str) -> list[int]:
        return [int(one["id"].removeprefix("rss:")) for one in folder.documents("list", *arguments)]

    assert ids("lumio") == [4]
    assert ids("lumio", "--negative") == [4] and ids("Acme SA", "--positive", "--language", "en", "-n", "9")[-1] == 4
    assert 0 in ids("--unsure") and 0 not in ids("--negative", "--language", "fr")
    assert ids("--narrative", "a1b2") == [0]
    assert ids("--theme", "service") == [5, 1]
    assert ids("--language", "FR", "-n", "2") == [7, 5]
    assert ids("--since", "90d") == ids() and ids("--since", "1m") == []
    assert ids("--narrative", "unheard-of") == []
    assert "no mention fits" in folder.run("list", "--theme", "none").stdout
    assert "-n 2 shows" in folder.run("list", "-n", "1").stdout


def test_what_leaves_as_json_holds_no_author(folder: Folder) -> None:
    first, second = (folder.documents("list", "-n", "8")[-1]["author"] for _ in range(2))
    assert first["handle"] == first["name"] == "" and first["key"].startswith("rss:~")
    assert first["key"] != second["key"], "two exports cannot be joined"
    folder.configure(privacy={"exports": "handle"})
    assert folder.documents("show", "rss:00000001")["author"]["handle"] == "@jdupont"


def test_all_that_was_understood_is_shown(folder: Folder) -> None:
    told = folder.run("show", "rss:00000005", "--lang", "fr").stdout
    assert "service client, attends" in told and "français" in told
    assert "copie de" in told and "rss:00000001 · site1.example" in told
    both = folder.run("show", "rss:00000004").stdout
    assert "towards lumio" in both and "“Lumio is a horrible disaster avoid it”" in both
    assert folder.documents("show", "rss:00000005")["copy_of"] == "rss:00000001"


def test_the_beginning_of_an_id_is_enough_while_it_is_the_only_one(folder: Folder) -> None:
    assert "several mentions begin with `rss:0`" in folder.run("show", "rss:0", code=1).stderr
    assert "there is no mention `rss:9` (" in folder.run("show", "rss:9", code=1).stderr
    assert "deleted after 90d" in folder.run("show", "", code=1).stderr
    folder.run("erase", "rss:writer2", "--yes")
    assert "rss:00000002" not in folder.run("list").stdout


def test_a_click_is_written_beside_a_running_daemon_and_the_same_press_counts_once(folder: Folder) -> None:
    sole = SoleUse.take("sqlite:///buzzguard.db", base=folder.path)
    try:
        told = folder.run("say", "rss:00000007", "not-negative", "--as", "ana").stdout
        again = folder.run("say", "rss:00000007", "not-negative", "--as", "ana", "--lang", "fr").stdout
    finally:
        sole.release()
    (click,) = folder.clicks
    assert (click.kind, click.mention, click.text) == (ClickKind.NOT_NEGATIVE, "rss:00000007", PUN)
    assert (click.who, click.author, click.language) == (Person(id="ana", via="cli"), "rss:writer7", "fr")
    assert f"buzzguard mention undo {click.id}" in told and "once a second person" in told
    assert "ana l’a déjà dit" in again


def test_who_clicks_is_the_user_of_the_system_also_behind_sudo(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "claire")
    folder.run("say", "rss:00000001", "negative")
    assert folder.clicks[0].who.id == "claire"
    assert "cannot be taken for a name" in folder.run("say", "rss:1", "negative", "--as", "\x1b[2J", code=1).stderr
    assert "ne peut pas être un nom" in folder.run("say", "r", "negative", "--as", " ", "--lang", "fr", code=1).stderr


def test_of_a_mention_of_two_brands_it_is_asked_which_one(folder: Folder) -> None:
    assert "several topics" in folder.run("say", "rss:00000004", "not-about-us", code=1).stderr
    assert "different things" in folder.run("say", "rss:00000004", "negative", code=1).stderr
    assert "is not about `lumio`" in folder.run("say", "rss:00000001", "about-us", "--topic", "lumio", code=1).stderr
    assert "no topic `lumoi`" in folder.run("say", "rss:00000004", "negative", "--topic", "lumoi", code=1).stderr
    folder.run("say", "rss:00000004", "negative", "--topic", "lumio")
    folder.run("say", "rss:00000004", "not-about-us", "--topic", "Acme SA")
    side, about = folder.clicks
    assert side.text == "Lumio is a horrible disaster avoid it", "what the scorer read of this brand"
    assert (about.topic, about.text) == ("acme", BOTH)
    assert "its stream gave this mention its topic" in folder.run("say", "rss:00000008", "not-about-us").stdout


def test_a_click_is_taken_back_once_and_can_be_said_again(folder: Folder) -> None:
    folder.run("say", "rss:00000007", "negative", "--as", "ana")
    id = folder.clicks[0].id
    assert "bob takes back" in folder.run("undo", id[:6], "--as", "bob").stdout
    assert "was taken back already" in folder.run("undo", id, code=1).stderr
    assert "takes back another click" in folder.run("undo", folder.clicks[1].id, code=1).stderr
    folder.run("say", "rss:00000007", "negative", "--as", "ana")
    assert [one.kind for one in folder.clicks] == [ClickKind.NEGATIVE, ClickKind.UNDO, ClickKind.NEGATIVE]
    assert [one["standing"] for one in folder.documents("clicks")] == ["this_text", "undo", "undone"]
    assert "there is no click `zz`" in folder.run("undo", "zz", code=1).stderr


def test_who_changes_their_mind_twice_within_a_minute_is_heeded(folder: Folder) -> None:
    for what in ("negative", "not-negative", "negative"):
        folder.run("say", "rss:00000007", what, "--as", "ana")
    assert [one["standing"] for one in folder.documents("clicks")] == ["this_text", "replaced", "replaced"]


def test_what_another_person_said_since_is_not_taken_back_unawares(folder: Folder) -> None:
    folder.run("say", "rss:00000001", "about-us", "--as", "ana")
    folder.run("say", "rss:00000001", "not-about-us", "--as", "bob")
    first, second = folder.clicks
    assert f"take back that one ({second.id})" in folder.run("undo", first.id, code=1).stderr


def test_it_is_told_whose_clicks_count(folder: Folder) -> None:
    assert "nobody has corrected anything yet" in folder.run("clicks").stdout
    for number in (1, 2, 3, 4, 6, 8, 7):
        folder.run("say", f"rss:{number:08d}", "not-negative", "--topic", "acme", "--as", "ana")
    assert [one["standing"] for one in folder.documents("clicks")] == ["waits"] * 2 + ["this_text"] * 5
    folder.run("say", "rss:00000007", "not-negative", "--as", "clara")
    told = folder.documents("clicks")
    assert [one["standing"] for one in told] == ["counts", "counts", "others"] + ["counts"] * 5
    assert told[0]["who"] == "clara" and told[0]["counts"]
    assert "compte pour les textes qui lui ressemblent" in folder.run("clicks", "--lang", "fr").stdout
    folder.configure(sentiment={"scorer": "vader"})
    assert "learns from nobody" in folder.run("clicks", "-n", "1").stdout


def test_a_core_built_from_the_store_reads_as_people_said(folder: Folder, assembly: Assembly) -> None:
    def read() -> Sentiment:
        async def rebuilt(store: SqlStore) -> Core:
            return await rebuild_core(assembly, store, NOW)

        core = folder.ask(rebuilt)
        return core.parts.readers.scorer.score([Text(text=PUN, language="fr")])[0]

    shipped = read()
    folder.run("say", "rss:00000007", "not-negative", "--as", "ana")
    alone = read()
    folder.run("say", "rss:00000007", "not-negative", "--as", "bob")
    together = read()
    assert shipped.negative > alone.negative > together.negative
    assert together.polarity.value != "negative"
    for click in folder.clicks:
        folder.run("undo", click.id)
    assert read() == shipped, "as if it had never been"


async def test_a_running_worker_learns_what_is_said_beside_it(folder: Folder, assembly: Assembly) -> None:
    store = await SqlStore.open(assembly.settings.store, base=folder.path)
    clock = ManualClock(NOW)
    worker = Worker(store, clock=clock, rebuild=lambda: rebuild_core(assembly, store, clock.now()), told=lambda: None)
    await worker.replace_core()
    running = asyncio.create_task(worker.run())

    async def heard(number: int) -> Sentiment:
        said = mention(number, PUN, published=clock.advance(timedelta(minutes=1)))
        assert (await worker.submit(Batch(mentions=(said,)), {})).counted == 1
        stored = await store.mention(said.id)
        assert stored is not None
        return stored.sentiment

    before = await heard(400)
    for who in ("ana", "bob"):
        await asyncio.to_thread(folder.run, "say", "rss:00000007", "not-negative", "--as", who)
    after = await heard(401)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await store.close()
    assert after.negative < before.negative / 2


def test_clicks_teach_what_is_a_namesake(folder: Folder, assembly: Assembly) -> None:
    ours = ("facture", "remboursement", "livraison", "abonnement", "forfait")
    others = ("volcan", "dessin", "cartoon", "enclume", "coyote")

    def scored(number: int, text: str) -> ScoredMention:
        return ScoredMention(mention=mention(number, text), topics=("acme",), sentiment=Sentiment())

    async def fill(store: SqlStore) -> None:
        texts = [f"Acme {word} facture client" for word in ours] + [f"Acme {word} dessin coyote" for word in others]
        await store.commit(Effects(at=NOW, mentions=tuple(scored(100 + n, text) for n, text in enumerate(texts))), {})

    folder.ask(fill)
    desk = Desk(settings=Settings.model_validate(document()), base=folder.path, language="en", now=NOW)
    for number in range(1, 10):
        kind = ClickKind.ABOUT_US if number < 5 else ClickKind.NOT_ABOUT_US
        asyncio.run(say(desk, f"rss:{100 + number:08d}", kind, topic=None, who=Person(id="ana")))
    assert {one["standing"] for one in folder.documents("clicks")} == {"too_few"}
    folder.run("say", "rss:00000100", "about-us")
    assert {one["standing"] for one in folder.documents("clicks")} == {"counts"}
    core = folder.ask(lambda store: rebuild_core(assembly, store, NOW))
    new = [mention(200, "Acme : un coyote, un dessin"), mention(201, "Acme : ma facture de client")]
    kept, dropped = core.understanding.understand(new, NOW)
    assert [one.mention.id for one in kept] == ["rss:00000201"]
    assert [one.reason for one in dropped] == ["not_about_us"]


def test_a_person_is_erased_with_what_was_learned_of_them(folder: Folder) -> None:
    folder.run("say", "rss:00000001", "negative")
    assert "nothing was deleted" in folder.run("erase", "rss:@JDupont", said="n\n", code=1).stdout
    told = folder.run("erase", "rss:@JDupont", "--lang", "fr", said="o\n").stdout
    assert "1 mention de rss:1077 va être supprimée." in told and "1 correction" in told
    assert "au prochain battement" in told
    assert folder.clicks == []
    assert "nothing of `rss:@jdupont` is stored" in folder.run("erase", "rss:@jdupont", "--yes", code=1).stderr
    assert "is no author" in folder.run("erase", "jdupont", "--yes", code=1).stderr
    assert b"remboursement depuis un mois" in (folder.path / "buzzguard.db").read_bytes(), "the copy by another author"


def test_who_is_kept_as_a_hash_is_found_by_their_id(folder: Folder) -> None:
    async def hashed(store: SqlStore) -> None:
        keeper = Keeper("hash", await store.key("authors"))
        said = keeper.reduce(mention(300, "Acme", author=Author(id="4711", handle="@x")))
        one = ScoredMention(mention=said, topics=("acme",), sentiment=Sentiment())
        await store.commit(Effects(at=NOW, mentions=(one,)), {})

    folder.ask(hashed)
    folder.configure(privacy={"authors": "hash"})
    assert "by the id that their source gives" in folder.run("erase", "rss:@x", "--yes", code=1).stderr
    assert "1 mention deleted." in folder.run("erase", "rss:4711", "--yes").stdout


@pytest.mark.parametrize("arguments", [("list",), ("say", "x", "negative"), ("undo", "x"), ("erase", "rss:x", "--yes")])
def test_a_database_is_never_made(folder: Folder, arguments: tuple[str, ...]) -> None:
    database = folder.path / "buzzguard.db"
    database.unlink()
    assert "there is no database at" in folder.run(*arguments, code=1).stderr
    assert not database.exists()


def test_the_database_of_another_version_is_left_alone(folder: Folder) -> None:
    import sqlite3

    with sqlite3.connect(folder.path / "buzzguard.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    assert "written by a newer BuzzGuard" in folder.run("say", "rss:00000001", "negative", code=1).stderr


def test_faults_are_told_in_a_line(folder: Folder) -> None:
    assert "--since: 'soon' is not a duration" in folder.run("list", "--since", "soon", code=1).stderr
    assert "there is no topic `acmee` (did you mean `acme`?)" in folder.run("list", "acmee", code=1).stderr
    assert "il n’y a pas de sujet" in folder.run("list", "acmee", "--lang", "fr", code=1).stderr
    (folder.path / "buzzguard.yml").write_text("topics: {", encoding="utf-8")
    assert "fault" in folder.run("list", code=1).stderr
