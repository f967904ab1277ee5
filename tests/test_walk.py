"""No walk through the real core and the real store, with crashes, restarts and clock jumps, breaks a law."""

from __future__ import annotations

from pathlib import Path

from tests.walking import Walk, make_house, make_store

WALKS, STEPS = 2, 18


async def test_whatever_comes_no_law_of_the_response_is_broken(tmp_path: Path) -> None:
    house = make_house(tmp_path / "house")
    empty = await make_store(tmp_path / "house")
    for seed in range(WALKS):
        walk = Walk(house, seed)
        try:
            await walk.run(tmp_path / f"walk-{seed}", empty, STEPS)
        except AssertionError as broken:
            broken.add_note(f"walk {seed}:\n" + "\n".join(walk.trail))
            raise
