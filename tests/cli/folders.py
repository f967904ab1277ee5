"""A small sound installation, for tests to break."""

from __future__ import annotations

from pathlib import Path

CONFIG = """\
topics:
  acme: {name: Acme, query: acme}
notifiers:
  terminal: {kind: console}
receivers:
  screen: {notifier: terminal}
policies:
  crisis: {steps: [{notify: [screen]}]}
"""
RULE = """\
id: surge
title: {en: Surge, fr: Poussée}
when: volume.count >= 10
severity: orange
playbook: calm
policy: crisis
"""
PLAYBOOK = """\
---
id: calm
language: {language}
title: Calm
applies: always
posture: unknown
---

## Steps

- [ ] **Communications** (15m) — read the quotes

## {never}

- answer in anger
"""


def installation(folder: Path, *, config: str = CONFIG, rule: str = RULE) -> Path:
    """The folder, with a configuration, one rule and one playbook in both languages."""
    (folder / "rules" / "playbooks").mkdir(parents=True)
    (folder / "buzzguard.yml").write_text(config, encoding="utf-8")
    (folder / "rules" / "surge.yml").write_text(rule, encoding="utf-8")
    for language, never in (("en", "Never"), ("fr", "Jamais")):
        text = PLAYBOOK.format(language=language, never=never)
        (folder / "rules" / "playbooks" / f"calm.{language}.md").write_text(text, encoding="utf-8")
    return folder
