"""What the command line does; the libraries of the extra `train` are loaded by the command that needs them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
import numpy as np

from buzzguard.understand.sentiment.accurate import LAYOUT as ACCURATE
from buzzguard.understand.sentiment.default import LAYOUT as DEFAULT
from buzzguard.understand.sentiment.encoder import Encoder
from buzzguard.understand.sentiment.quick import QuickScorer
from buzzguard.understand.sentiment.weights_folder import Calibration
from buzzguard.understand.train.calibrate import Judged, cross_checked, fitted, joined, probabilities, with_errors
from buzzguard.understand.train.corpus import SHIPPED, UNRELIABLE, Corpus, labels, read_corpus, texts
from buzzguard.understand.train.lesson import Lesson, read_lines, taught
from buzzguard.understand.train.scores import Scores, rows

__all__ = ["COMMANDS", "SHIPPED"]

CALIBRATION = "calibration.json"


def quick(options: argparse.Namespace) -> None:
    """train the quick tier"""
    from buzzguard.understand.train import quick as tier

    corpus = read_corpus(options.folder, options.sets)
    lesson = _lesson(options, corpus)
    model = tier.train(lesson.examples if lesson else corpus.train, lesson)
    tier.write(model, options.out / tier.FILE)
    _report(options.out, corpus, None)


def accurate(options: argparse.Namespace) -> None:
    """train the accurate tier"""
    from buzzguard.understand.train import accurate as tier

    corpus = read_corpus(options.folder, options.sets)
    net, base = tier.train(corpus, options.out / "training.pt", say)
    tier.write(net, base, corpus, options.out)
    (options.out / "training.pt").unlink(missing_ok=True)


def default(options: argparse.Namespace) -> None:
    """train the encoder of the default tier"""
    from buzzguard.understand.train import default as tier

    corpus = read_corpus(options.folder, options.sets)
    lesson = _lesson(options, corpus)
    net = tier.from_labels(corpus, options.out / "training.pt", say)
    if lesson:
        tier.from_teacher(net, lesson, corpus, options.out / "lesson.pt", say)
    tier.write(net, corpus, options.out)
    for path in (options.out / "training.pt", *options.out.glob("lesson.[0-9]")):
        path.unlink(missing_ok=True)


def calibrate(options: argparse.Namespace) -> None:
    """fit temperatures, mixtures and margins on the validation texts"""
    corpus = read_corpus(options.folder, ())
    own: dict[str, Calibration] = {}
    parts = {"quick": judged(options.out, corpus, None)}
    if (options.out / "encoder.onnx").is_file():
        parts["default"] = judged(options.out, corpus, Encoder(options.out, DEFAULT))
    if options.accurate:
        parts["accurate"] = judged(options.out, corpus, Encoder(options.accurate, ACCURATE))
    for name, by_language in parts.items():
        own[name] = fitted(joined([one for language, one in by_language.items() if language not in UNRELIABLE]))
        _table(f"{name}, fitted on the other half", cross_checked(by_language, UNRELIABLE))
    if {"default", "accurate"} <= own.keys():
        own["cascade"] = _cascade(parts["default"], parts["accurate"], own)
    if options.accurate:
        write_calibration({"accurate": own["accurate"]}, options.accurate)
    write_calibration(own, options.out)


def judged(folder: Path, corpus: Corpus, encoder: Encoder | None) -> dict[str, Judged]:
    """Logits and labels of the validation texts, by language."""
    scorer = QuickScorer(folder)
    found = {}
    for language, examples in corpus.val.items():
        bodies = texts(examples)
        further = np.asarray(encoder.logits(bodies)) if encoder else None
        found[language] = Judged(labels(examples), scorer.logits(bodies), further)
    return found


def write_calibration(tiers: Mapping[str, Calibration], folder: Path) -> None:
    """Write what the scorers read, to be read by people too."""
    held = msgspec.json.format(msgspec.json.encode(tiers), indent=2)
    (folder / CALIBRATION).write_bytes(held + b"\n")


def say(line: str) -> None:
    """Progress, for who waits."""
    print(line, file=sys.stderr, flush=True)


def _lesson(options: argparse.Namespace, corpus: Corpus) -> Lesson | None:
    if not options.teacher:
        return None
    return taught(corpus, read_lines(options.unlabelled), Encoder(options.teacher, ACCURATE).logits)


def _cascade(plain: Mapping[str, Judged], better: Mapping[str, Judged], own: Mapping[str, Calibration]) -> Calibration:
    """The cascade's error rate when it asks the better tier for what the plain one leaves to it."""
    from buzzguard.understand.sentiment.probabilities import margins

    told = joined([one for language, one in plain.items() if language not in UNRELIABLE])
    asked = joined([one for language, one in better.items() if language not in UNRELIABLE])
    shares = probabilities(told, own["default"])
    unsure = margins(shares) <= own["default"].escalate
    shares[unsure] = probabilities(asked, own["accurate"])[unsure]
    return with_errors(own["default"], shares, told.labels)


def _report(folder: Path, corpus: Corpus, encoder: Encoder | None) -> None:
    _table("quick", cross_checked(judged(folder, corpus, encoder), UNRELIABLE))


def _table(title: str, parts: Mapping[str, Scores]) -> None:
    say(f"{title}: macro-F1, precision, recall and F1 of negative, calibration error")
    for line in rows(parts, UNRELIABLE):
        say("  ".join(f"{cell:>10}" for cell in line))


COMMANDS: dict[str, Callable[[argparse.Namespace], None]] = {
    "quick": quick,
    "default": default,
    "accurate": accurate,
    "calibrate": calibrate,
}
