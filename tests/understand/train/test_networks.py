"""The encoders and their training, on networks of a few numbers. Needs torch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch: Any = pytest.importorskip("torch", reason="torch trains the encoders: pip install 'buzzguard[train]'")

from buzzguard.understand.train import e5, use  # noqa: E402
from buzzguard.understand.train.loop import Epoch, Plan, Targets, Training, batches, loss, padded, predict, rate  # noqa: E402

WIDTH, HEADS, INNER, PIECES = 8, 2, 16, 12


def silent(_line: str) -> None:
    """Nobody waits."""


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    yield
    torch.set_num_threads(before)


def small_e5() -> Any:
    dice = np.random.default_rng(0)

    def some(*shape: int) -> Any:
        return dice.normal(0, 0.3, int(np.prod(shape))).astype(np.float32)

    held = {"emb.word": some(PIECES, WIDTH), "emb.pos": some(30, WIDTH), "emb.type": some(2, WIDTH)}
    sizes = {"q": (WIDTH, WIDTH), "k": (WIDTH, WIDTH), "v": (WIDTH, WIDTH), "ao": (WIDTH, WIDTH)}
    for layer in ("l0.", "l1."):
        for name, (above, below) in {**sizes, "fi": (INNER, WIDTH), "fo": (WIDTH, INNER)}.items():
            held[f"{layer}{name}.w"], held[f"{layer}{name}.b"] = some(above, below), some(above)
    for name in ("emb.ln", "l0.aln", "l0.oln", "l1.aln", "l1.oln"):
        held[f"{name}.w"], held[f"{name}.b"] = np.ones(WIDTH, np.float32), some(WIDTH)
    scores = np.zeros(PIECES, np.float32)
    return e5.E5(e5.Base(WIDTH, 2, HEADS, INNER, 1e-5, 0, 2, 1, 3, ["x"] * PIECES, scores, held))


def small_epoch(texts: int = 60) -> Epoch:
    """Texts whose first piece tells the side."""
    tokens = [[0, 4 + number % 3, *[7 + number % 5] * (number % 4), 2] for number in range(texts)]
    labels = np.arange(texts) % 3
    return Epoch(tokens, Targets(labels, np.ones(texts), np.zeros(texts, np.bool_)))


def trained(kept: Path | None, passes: int) -> Any:
    net = small_e5()
    optimiser = torch.optim.AdamW([one for one in net.parameters() if one.requires_grad], lr=0.01)
    plan = Plan(peak=0.02, size=8, dropout=0.0)
    Training(net, [optimiser], plan, kept).run([small_epoch()] * passes, 1, 0, silent)
    return net


def test_each_text_is_in_one_batch_of_texts_like_it() -> None:
    lengths = [number % 17 + 1 for number in range(1_000)]
    made = batches(lengths, 16, np.random.default_rng(0))
    assert sorted(row for rows in made for row in rows) == list(range(1_000))
    spreads = [np.ptp([lengths[row] for row in rows]) for rows in made]
    assert np.mean(spreads) < 2


def test_the_rate_rises_then_falls() -> None:
    paces = [rate(step, 100, peak=1.0, warm=10) for step in range(100)]
    assert paces.index(max(paces)) in (9, 10)
    assert max(paces) <= 1.0
    assert paces[-1] < 0.05


def test_what_pads_a_text_changes_nothing() -> None:
    net = small_e5().eval()
    alone = net(*padded([[0, 5, 2]], 1))
    beside = net(*padded([[0, 5, 2], [0, 5, 6, 7, 8, 9, 2]], 1))
    assert torch.allclose(alone[0], beside[0], atol=1e-5)


def test_training_learns_what_tells_the_side() -> None:
    epoch = small_epoch()
    net = trained(None, 20)
    assert (predict(net, epoch.tokens, 1).argmax(axis=1) == epoch.targets.labels).mean() > 0.9


def test_an_interrupted_training_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("buzzguard.understand.train.loop.REPORTED", 10)
    trained(tmp_path / "whole.pt", 20)
    whole = torch.load(tmp_path / "whole.pt", weights_only=True)
    again = trained(tmp_path / "whole.pt", 20)
    assert whole["done"] == 160
    assert (predict(again, small_epoch().tokens, 1).argmax(axis=1) == small_epoch().targets.labels).mean() > 0.9


def test_a_text_of_a_source_without_neutral_may_be_neutral() -> None:
    targets = Targets(np.array([0]), np.ones(1), np.array([True]))
    neutral = torch.tensor([[1.0, 9.0, -9.0]])
    positive = torch.tensor([[-9.0, 9.0, 1.0]])
    assert float(loss(neutral, targets, [0])) < 0.01
    assert float(loss(positive, targets, [0])) > 5


def test_a_teacher_is_followed_where_nobody_labelled() -> None:
    said = np.array([[4.0, 0.0, 0.0]], np.float32)
    targets = Targets(np.array([-1]), np.ones(1), np.zeros(1, np.bool_), said)
    alike, other = torch.tensor([[4.0, 0.0, 0.0]]), torch.tensor([[0.0, 0.0, 4.0]])
    assert float(loss(alike, targets, [0])) == pytest.approx(0.0, abs=1e-5)
    assert float(loss(other, targets, [0])) > 1


def test_the_convolution_does_not_see_beyond_a_text() -> None:
    dice = np.random.default_rng(0)
    spans = [span for span, _ in use.SPANS]
    total = use.WIDTH + len(spans) * use.CHANNELS

    def some(*shape: int) -> Any:
        return dice.normal(0, 0.05, shape).astype(np.float32)

    held = {"eps": np.array(1e-6, np.float32), "ln_g": some(total), "ln_b": some(total)}
    held |= {"cnn_W": some(total, use.WIDTH), "cnn_b": some(use.WIDTH)}
    shapes = {
        "d0": (512, 320),
        "d1": (320, 320),
        "d2": (320, 512),
        "d3": (512, 512),
        "p1": (512, 320),
        "p3": (320, 512),
    }
    held |= {name: some(*shape) for name, shape in shapes.items()}
    for span in spans:
        own = {"proj": (use.WIDTH, use.CHANNELS), "w1_": (span * 256, 256), "w2_": (span * 256, 256)}
        held |= {f"{name}{span}": some(*shape) for name, shape in own.items()}
        held |= {f"{name}{span}": some(use.CHANNELS) for name in ("proj_b", "ln_g", "ln_b", "b1_", "b2_")}
    net = use.Use(use.Base(some(20, use.WIDTH), held)).eval()
    alone = net(*padded([[1, 5, 2]], 0))
    beside = net(*padded([[1, 5, 2], [1, 5, 6, 7, 8, 9, 2]], 0))
    assert torch.allclose(alone[0], beside[0], atol=1e-4)
