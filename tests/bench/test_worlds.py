"""What the synthetic worlds promise."""

from __future__ import annotations

import numpy as np
import pytest

from tests.bench.watching import DAY_BINS, Confusion
from tests.bench.worlds import (
    CRISIS_BINS,
    SHAPES,
    FullWorld,
    Latent,
    build,
    draw,
    end_of,
    growth,
    season,
    seen_negative,
    struck,
)

RATES = np.repeat([0.1, 10.0], 30)


def test_a_world_is_a_function_of_its_seed_and_goes_on_where_it_stopped() -> None:
    one, same, other = (FullWorld(RATES, seed=seed) for seed in (1, 1, 2))
    first, second = one.unfold(3), one.unfold(3)
    assert np.array_equal(first.mean, same.unfold(3).mean)
    assert np.array_equal(second.mean, same.unfold(3).mean)
    assert not np.array_equal(first.mean, other.unfold(3).mean)
    whole = first.then(second).mean
    jumps = np.abs(np.diff(np.log(whole / season(0, 6)[:, np.newaxis]), axis=0))
    within_days = np.delete(jumps, np.arange(DAY_BINS - 1, len(jumps), DAY_BINS), axis=0)
    assert np.median(jumps[3 * DAY_BINS - 1]) < 3 * np.median(within_days)


def test_the_full_world_has_its_rate_its_week_and_its_share() -> None:
    latent = FullWorld(np.full(200, 10.0), seed=3).unfold(28)
    by_day = latent.mean.reshape(28, DAY_BINS, 200).mean(axis=(1, 2))
    weekend = np.arange(28) % 7 >= 5
    assert by_day[~weekend].mean() == pytest.approx(10.4, rel=0.05)
    assert by_day[weekend].mean() / by_day[~weekend].mean() == pytest.approx(0.6, rel=0.05)
    assert latent.share.mean() == pytest.approx(0.20, abs=0.002)
    assert latent.share.std() == pytest.approx(0.05, abs=0.002)
    assert latent.mean.dtype == latent.share.dtype == np.float32


def test_plain_worlds_are_counts_of_one_mean() -> None:
    dice = np.random.default_rng(4)
    for kind, phi in (("poisson", 0.0), ("overdispersed", 0.5)):
        world = build(kind, np.full(50, 4.0), seed=1, phi=0.5)  # type: ignore[arg-type]
        counts = draw(world.unfold(7).mean, world.phi, dice)
        assert counts.mean() == pytest.approx(4.0, rel=0.02)
        assert counts.var() == pytest.approx(4.0 + phi * 16, rel=0.03)


def test_a_scorer_errs_as_its_confusion_says() -> None:
    dice = np.random.default_rng(5)
    volume = np.full((200, 50), 100, dtype=np.int64)
    share = np.full((200, 50), 0.2, dtype=np.float32)
    assert seen_negative(volume, share, Confusion(1.0, 0.0), dice).mean() == pytest.approx(20, rel=0.01)
    assert seen_negative(volume, share, Confusion(0.8, 0.1), dice).mean() == pytest.approx(24, rel=0.01)
    assert (seen_negative(volume, share, Confusion(1.0, 1.0), dice) == volume).all()


def test_crises_grow_as_their_names_say() -> None:
    assert growth("step5")[[0, 143]].tolist() == [5.0, 5.0]
    assert 1 < growth("step5")[-1] < 1.1
    assert growth("slow")[[0, 288, 600]].tolist() == [1.0, 2.0, 3.0]
    assert growth("exp30m")[6] - 1 == pytest.approx(2 * (growth("exp30m")[0] - 1))
    assert growth("exp2h")[24] - 1 == pytest.approx(2 * (growth("exp2h")[0] - 1))
    assert growth("exp2h").max() == growth("exp30m").max() == 10.0
    assert (growth("negshift") == 1).all()
    assert {len(growth(shape)) for shape in SHAPES} == {CRISIS_BINS}


def test_a_crisis_is_mostly_negative_and_a_shift_of_tone_leaves_the_volume() -> None:
    calm = Latent(np.full((CRISIS_BINS, 2), 3.0, dtype=np.float32), np.full((CRISIS_BINS, 2), 0.2, dtype=np.float32))
    assert struck(calm, "step3").share[[0, -1], 0].tolist() == pytest.approx([0.45, 0.45])
    shifted = struck(calm, "negshift")
    assert (shifted.mean == calm.mean).all()
    assert shifted.share[[0, 143, 144], 0].tolist() == pytest.approx([0.6, 0.6, 0.2])
    assert struck(calm._replace(share=calm.share + 0.7), "negshift").share.max() == pytest.approx(0.95)


def test_bins_end_every_five_minutes_from_a_monday_midnight() -> None:
    assert (end_of(0), end_of(288)) == (28_401_125, 28_401_125 + 1440)
    assert (28_401_120 // 1440 + 3) % 7 == 0
