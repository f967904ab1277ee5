"""A month of the past, read at the beginning, through the whole daemon."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.test_past import burst, calm, living, pages


async def test_a_month_of_the_past_is_a_baseline_at_once_and_alarms_nobody(tmp_path: Path) -> None:
    async with living(tmp_path) as made:
        for page in pages(calm(30)):
            await made.read(page, past=True)
        await made.read([], past=False)
        await made.learn()
        assert made.learned() > timedelta(days=29)
        assert (await made.told(), made.recorder.delivered) == ([], [])

        made.clock.advance(timedelta(minutes=22))
        await made.read(burst(60), past=False)
        assert made.once_per() > timedelta(days=90), "a month says so much"
        assert "volume-surge" in await made.told()
