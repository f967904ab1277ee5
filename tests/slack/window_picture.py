"""Takes pictures of every modal in both languages, as Slack shows one: local-slack draws fewer kinds of fields.

`python -m tests.slack.window_picture FOLDER` needs a chromium, which `CHROMIUM` may name.
"""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from buzzguard.deliver import slack_ids as ids
from buzzguard.deliver.slack_modals import MODALS, opened, refusal_view
from buzzguard.deliver.slack_modals_work import declare
from buzzguard.deliver.slack_scene import Scene
from buzzguard.deliver.slack_views import Meta
from buzzguard.deliver.wording.refusals import refusal
from buzzguard.model import FieldKind, Language, Statement, StatementField
from tests.deliver.samples import sample_alert, sample_silent_stream_alert
from tests.slack.desk import DIRECTORY, open_incident
from tests.slack.sitting import NOW

Json = dict[str, Any]
LANGUAGES: tuple[Language, ...] = ("en", "fr")
_STYLE = """
* { box-sizing: border-box; } body { margin: 0; background: #ddd; font: 15px/1.46 Lato, "Noto Sans", sans-serif; }
main { display: flex; flex-wrap: wrap; gap: 24px; padding: 24px; align-items: flex-start; }
.modal { width: 520px; background: #fff; border-radius: 8px; box-shadow: 0 4px 16px #0004; color: #1d1c1d; }
.top { padding: 18px 28px 12px; font-size: 20px; font-weight: 900; display: flex; justify-content: space-between; }
.body { padding: 0 28px 8px; } .foot { padding: 16px 28px; display: flex; gap: 12px; justify-content: flex-end; }
.foot span { border: 1px solid #bbb; border-radius: 4px; padding: 7px 14px; font-weight: 700; }
.foot .go { background: #007a5a; border-color: #007a5a; color: #fff; }
.field { margin: 0 0 16px; } .label { font-weight: 700; margin-bottom: 4px; }
.optional { color: #616061; font-weight: 400; }
.hint { color: #616061; font-size: 13px; margin-top: 4px; } .section { margin: 8px 0 16px; }
.box { border: 1px solid #888; border-radius: 4px; padding: 8px 12px; } .lines { height: 84px; } .empty { color: #888; }
.menu::after { content: "⌄"; float: right; } .choice { display: block; margin: 3px 0; }
.small { color: #616061; font-size: 13px; margin-bottom: 8px; }
blockquote { border-left: 4px solid #ddd; margin: 2px 0; padding-left: 10px; }
"""


def scene(language: Language, what: str) -> Scene:
    """An incident of the sample night, and what its modals ask for."""
    incident = open_incident("lumio-20261122-0157", alerts=(sample_alert(), sample_silent_stream_alert()))
    return Scene(
        meta=Meta(incident=incident.id, language=language, what=what),
        incident=incident,
        directory=DIRECTORY,
        now=NOW,
        others=(open_incident("voltea-20261121-2210", topic="voltea"), open_incident("lumio-20261122-0030")),
        statements=(_statement(language),),
    )


def windows(language: Language) -> list[Json]:
    """Every modal of ours, and how one refuses."""
    meta = Meta(language=language)
    shown: list[Json] = []
    for name, modal in MODALS.items():
        if modal.view is None:
            made = declare(meta, DIRECTORY)
        else:
            made = opened(modal, scene(language, "draft-1" if name == ids.DRAFT_SEND_BACK else "1"))
        assert not isinstance(made, str), f"{name}: {made}"
        shown.append(made)
    return [*shown, refusal_view(meta, refusal("already_final", language))]


def page(views: list[Json]) -> str:
    """The modals side by side."""
    return f"<meta charset=utf-8><style>{_STYLE}</style><main>{''.join(map(_modal, views))}</main>"


def _modal(view: Json) -> str:
    submit = f'<span class="go">{_plain(view["submit"])}</span>' if "submit" in view else ""
    body = "".join(map(_block, view["blocks"]))
    top = f'<div class="top">{_plain(view["title"])}<span>×</span></div>'
    foot = f'<div class="foot"><span>{_plain(view["close"])}</span>{submit}</div>'
    return f'<div class="modal">{top}<div class="body">{body}</div>{foot}</div>'


def _block(block: Json) -> str:
    if block["type"] == "section":
        return f'<div class="section">{_mrkdwn(block["text"]["text"])}</div>'
    if block["type"] == "context":
        return f'<div class="small">{_mrkdwn(block["elements"][0]["text"])}</div>'
    optional = ' <span class="optional">(optional)</span>' if block["optional"] else ""
    hint = f'<div class="hint">{_plain(block["hint"])}</div>' if "hint" in block else ""
    label = f'<div class="label">{_plain(block["label"])}{optional}</div>'
    return f'<div class="field">{label}{_element(block["element"])}{hint}</div>'


def _element(element: Json) -> str:
    kind = element["type"]
    if kind in ("radio_buttons", "checkboxes"):
        on, off = ("◉", "○") if kind == "radio_buttons" else ("☑", "☐")
        first = element.get("initial_options", [element.get("initial_option")])
        marks = [on if one in first else off for one in element["options"]]
        rows = zip(marks, element["options"], strict=True)
        return "".join(f'<span class="choice">{mark} {_plain(one["text"])}</span>' for mark, one in rows)
    if kind == "plain_text_input":
        lines = " lines" if element["multiline"] else ""
        return f'<div class="box{lines}">{html.escape(element.get("initial_value", "")) or _placeholder(element)}</div>'
    if kind == "datetimepicker":
        return '<div class="box">22/11/2026 &nbsp; 03:00</div>'
    chosen = element.get("initial_option")
    shown = _plain(chosen["text"]) if chosen else _placeholder(element)
    options = "".join(f'<div class="small">· {_plain(one["text"])}</div>' for one in element.get("options", [])[:4])
    return f'<div class="box menu">{shown}</div>{options}'


def _placeholder(element: Json) -> str:
    shown = element.get("placeholder", {}).get("text", "")
    return f'<span class="empty">{html.escape(shown)}&nbsp;</span>'


def _plain(text: Json) -> str:
    return html.escape(text["text"])


def _mrkdwn(text: str) -> str:
    shown = "<br>".join(
        f"<blockquote>{line.removeprefix('> ')}</blockquote>" if line.startswith("> ") else line
        for line in text.split("\n")
    )
    return re.sub(r"\*([^*]+)\*", r"<b>\1</b>", shown).replace("</blockquote><br>", "</blockquote>")


def _statement(language: Language) -> Statement:
    said = {
        "en": (
            "We know that ",
            "what happened",
            " on the K2 lamp.",
            "We do not know yet ",
            "the cause",
            ".",
            "telephone",
        ),
        "fr": (
            "Nous savons que ",
            "ce qui s’est passé",
            " sur la lampe K2.",
            "Nous ignorons encore ",
            "la cause",
            ".",
            "téléphone",
        ),
    }[language]
    confirm = StatementField(key="1", kind=FieldKind.CONFIRM, what=said[1])
    unknown = StatementField(key="2", kind=FieldKind.UNKNOWN, what=said[4])
    fill = StatementField(key="3", kind=FieldKind.FILL, what=said[6])
    title = {"en": "First words", "fr": "Premiers mots"}[language]
    return Statement(
        key="1",
        title=title,
        paragraphs=((said[0], confirm, said[2]), (said[3], unknown, said[5]), ("☎ ", fill, ".")),
    )


def _photograph(views: list[Json], target: Path) -> None:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("no chromium found: name one in CHROMIUM")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.html"
        path.write_text(page(views), "utf-8")
        own = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={folder}/profile"]
        size = ["--window-size=1680,1500", f"--screenshot={target.resolve()}"]
        subprocess.run([chromium, *own, *size, path.as_uri()], check=True, capture_output=True, timeout=90)


def main(folder: Path) -> None:
    """Photograph all modals, six to a picture."""
    folder.mkdir(parents=True, exist_ok=True)
    for language in LANGUAGES:
        shown = windows(language)
        for at in range(0, len(shown), 6):
            target = folder / f"modals-{language}-{at // 6 + 1}.png"
            _photograph(shown[at : at + 6], target)
            print(target)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
