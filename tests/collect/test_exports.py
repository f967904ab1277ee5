"""Exports of listening tools, as they come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from buzzguard.collect.exports import language_code, vendor_of
from buzzguard.collect.importing import Export, Recorder
from buzzguard.collect.recording import read_recording
from buzzguard.errors import ConfigError
from buzzguard.model import Fault, Mention

AT = datetime(2026, 11, 22, 6, 20, tzinfo=UTC)
BRANDWATCH = (
    "Report:,Bulk Mentions Download\nBrand:,Lumio\nLabel:,\nFrom:,2026-11-21\nTo:,2026-11-22\n\n"
    "Query Id,Query Name,Date,Title,Snippet,Full Text,Url,Domain,Sentiment,Page Type,Language,Author,Likes,Comments,"
    "Shares,X Author ID,X Followers,Impact,Complaints,Praise\n"
    '1999933037,Lumio,2026-11-22 06:20:00.0,Lumio : la poignée fond,…la poignée fond…,"Trois clients\n'
    'affirment, photos à l’appui…",https://conso-matin.example/a,conso-matin.example,negative,news,fr,Élodie Garnier,'
    "12,3,1 204,,,12.5,1,0\n"
    "1999933037,Lumio,2026-11-22 06:21:00.0,,la mienne aussi,,https://x.com/c/status/1,x.com,negative,twitter,fr,clem,"
    "2,0,0,1.99E+18,5120,0,1,0\n"
)
MELTWATER = (
    "Date\tHeadline\tURL\tOpening Text\tHit Sentence\tSource\tInfluencer\tCountry\tSubregion\tLanguage\tReach\t"
    "Engagement\tAVE\tSentiment\tInput Name\tTwitter Screen Name\tTwitter Followers\n"
    "22-Nov-2026 06:20AM\tLumio rappelle\thttps://conso-matin.example/b\tDébut\tLa Lumio K2 fond\tConso Matin\t"
    "Élodie Garnier\tFrance\tÎle-de-France\tFrench\t12000\t41\t100\tNegative\tLumio\t\t\n"
    "22-Nov-2026 06:20PM\t\thttps://x.com/c/status/2\tOuverture\t\tTwitter\t@clem\tFrance\t\tFrench\t0\t2\t0\tNeutral\t"
    "Lumio\t@clem\t5120\n"
)
TALKWALKER = (
    '"url";"published";"title";"content";"lang";"source_type";"sentiment";"reach";"engagement";'
    '"extra_author_attributes.name";"extra_source_attributes.name";"extra_source_attributes.world_data.country"\n'
    '"https://conso-matin.example/c";"22/11/2026 06:20";"Lumio : la poignée fond";"Trois clients";"fr";'
    '"ONLINENEWS,ONLINENEWS_OTHER";"-5";"12000";"41";"Élodie Garnier";"Conso Matin";"France"\n'
)
Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def mentions(path: Path) -> list[Mention]:
    return list(read_recording(path))


def test_brandwatch_puts_a_block_before_its_header(write: Write) -> None:
    first, second = mentions(write("brandwatch.csv", BRANDWATCH))
    assert first.published == AT
    assert (first.title, first.text) == ("Lumio : la poignée fond", "Trois clients\naffirment, photos à l’appui…")
    assert (first.author.handle, first.engagement.likes, first.engagement.shares) == ("Élodie Garnier", 12, 1204)
    assert (first.source, first.site, first.language) == ("news", "conso-matin.example", "fr")
    assert second.text == "la mienne aussi"
    assert (second.source, second.author.followers) == ("twitter", 5120)


def test_brandwatch_in_utf_16_with_a_mark_and_stray_nulls(write: Write) -> None:
    text = BRANDWATCH.replace("la mienne", "la\0 mienne")
    assert [one.text for one in mentions(write("b.csv", text.encode("utf-16")))][1] == "la mienne aussi"


def test_meltwater_s_tabs_and_twelve_hour_clock(write: Write) -> None:
    first, second = mentions(write("meltwater.csv", MELTWATER.encode("utf-16")))
    assert (first.published, second.published) == (AT, AT.replace(hour=18))
    assert (first.text, first.title, first.language) == ("La Lumio K2 fond", "Lumio rappelle", "fr")
    assert second.text == "Ouverture"
    assert (second.author.handle, second.author.followers) == ("@clem", 5120)


def test_meltwater_with_the_time_in_a_column_of_its_own(write: Write) -> None:
    header, *rows = MELTWATER.splitlines()
    split = [header + "\tTime", rows[0].replace(" 06:20AM", "", 1) + "\t06:20 AM"]
    (mention,) = mentions(write("m.csv", "\n".join(split)))
    assert mention.published == AT


def test_talkwalker_s_flattened_paths(write: Write) -> None:
    (mention,) = mentions(write("talkwalker.csv", TALKWALKER))
    assert mention.published == AT
    assert (mention.text, mention.author.handle, mention.author.followers) == (
        "Trois clients",
        "Élodie Garnier",
        12_000,
    )
    assert (mention.site, mention.language) == ("Conso Matin", "fr")


def test_anything_else_is_read_by_the_usual_names(write: Write) -> None:
    (mention,) = mentions(
        write("visibrain.csv", "Exporté le 22/11/2026\n\nDate;Auteur;Texte;Langue\n22/11/2026 06:20;clem;nul;fr\n")
    )
    assert (mention.published, mention.text, mention.author.handle) == (AT, "nul", "clem")


def test_a_spreadsheet_reads_as_the_same_table_in_text(tmp_path: Path) -> None:
    book = Workbook()
    book.create_sheet("About", 0).append(["About this export"])
    sheet = book.create_sheet("Mentions")
    sheet.append(["Report:", "Bulk"])
    sheet.append([])
    sheet.append(["Query Name", "Page Type", "Date", "Title", "Snippet", "Url", "Author", "Likes"])
    sheet.append(["Lumio", "forum", AT.replace(tzinfo=None), "t", "la mienne aussi", "https://a.example/1", "clem", 3])
    path = tmp_path / "export.xlsx"
    book.save(path)
    (mention,) = mentions(path)
    assert (mention.published, mention.text, mention.source) == (AT, "la mienne aussi", "forum")
    assert mention.engagement.likes == 3


def test_a_spreadsheet_that_is_none_is_refused(write: Write) -> None:
    with pytest.raises(ConfigError, match="spreadsheet"):
        mentions(write("x.xlsx", b"PK\x03\x04" + b"\0" * 100))


def test_ids_that_a_spreadsheet_has_rounded_do_not_melt_mentions_together(write: Write) -> None:
    rows = "date,id,text\n2026-11-22 06:20,1.99E+18,a\n2026-11-22 06:20,1.99E+18,b\n"
    one, other = mentions(write("ids.csv", rows))
    assert one.id != other.id


@pytest.mark.parametrize(
    ("written", "code"),
    [("French", "fr"), ("fr-FR", "fr"), ("FR", "fr"), ("Français", "fr"), ("unknown", ""), ("", "")],
)
def test_languages_as_tools_write_them(written: str, code: str) -> None:
    assert language_code(written) == code


def test_a_vendor_is_told_by_its_columns() -> None:
    assert vendor_of(["Date", "Text"]) is None
    assert getattr(vendor_of(TALKWALKER.splitlines()[0].replace('"', "").split(";")), "name", "") == "talkwalker"


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz", ".jsonl.zst"])
def test_an_import_says_what_the_export_said(write: Write, tmp_path: Path, suffix: str) -> None:
    source = write("brandwatch.csv", BRANDWATCH)
    target = tmp_path / f"out{suffix}"
    with Recorder(target) as recorder:
        for mention in Export(source).mentions(lambda _: None):
            recorder.write(mention)
    assert [(one.text, one.title, one.author, one.engagement, one.source) for one in mentions(target)] == [
        (one.text, one.title, one.author, one.engagement, one.source) for one in mentions(source)
    ]


def test_an_import_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    with pytest.raises(KeyboardInterrupt), Recorder(target):
        raise KeyboardInterrupt
    assert not list(tmp_path.iterdir())


def test_bad_rows_are_told_with_their_line(write: Write) -> None:
    faults: list[Fault] = []
    export = Export(write("brandwatch.csv", BRANDWATCH + "1,Lumio,soon,,,,,,,,,,,,,,,,,\n"))
    assert len(list(export.mentions(faults.append))) == 2
    assert [(fault.line, fault.message) for fault in faults] == [(11, "'soon' is not a time")]
