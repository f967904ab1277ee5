"""ScoredMention → Samples: signals over event-time windows, exact, incremental, in bounded memory.

Decisions that cost an argument:

- Mentions count in the minute in which they were published. What comes late, within the lateness, is added to its
  minute and to every window that still holds that minute; what comes later is dropped as `too_late`.
- Closed windows are emitted once, when the watermark (now less the grace) has passed their end; a mention that arrives
  after that grows the wider windows still to close, and the stored minute, never a window already emitted.
- Time never runs backwards here: an earlier `now` is read as the latest one seen.
- An anonymous mention has its site for an author: a page of anonymous comments counts as one voice, not as a crowd.
- Reactions that a re-reading finds count in its own minute: see `growth`.
- `gravity` counts mentions that hold a gravity word, `reach` sums the followers of their authors.
- `voices` and `hostile` weigh each mention by the scorer's confidence over its rank among its author's mentions and the
  copies of its text (see `ranks`), so that the share between them belongs to no bot. The weight is written on the
  mention: a rank depends on what had arrived before, which nothing stored would tell later. Whole thousandths, rounded
  down: sums never drift, and the thousandth copy is the last that weighs anything.
- When a minute is unknown, and when it becomes known again: see `coverage`.
"""
