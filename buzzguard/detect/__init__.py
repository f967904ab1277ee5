"""Sample → Anomaly: what is usual for a topic at this time of week, and how rarely the baseline alone strays so far.

Windows are learned when closed, on these strides, aligned to the epoch: 5 min every 5 min, 15 min and 1 h every
15 min, 6 h and 24 h every hour. They are judged at any time, a window that still fills as it stands: it can only grow.

Decisions, and what was argued:

- **The unit is a return period.** For each signal and window an exact count law (negative binomial: Poisson with
  overdispersion) gives the rarity of such a window when one looks at it all the time (`tails`), the topic's own past
  episodes correct it (`episodes`), and beyond a hundred times the time watched it is doubted. It is divided by
  the number of windows, so that a rule which looks at all of them and asks for 90 days fires about once in 90 days on
  the baseline alone: the union bound, on the safe side because windows overlap. A steady or seasonal stream raises less
  than one; bursts and holidays, which no law of counts knows, raise two to five until episodes have taught them.
- **Counts are not square-rooted.** A square root makes the scatter of counts even, but biases small means, and most
  topics are small. Sums weighted by information, 1/(1 + phi · mean), do the same without the bias (`profile`).
- **Overdispersion before evidence is wide** (0.3, and a quarter mention more for each mention: people answer and
  copy): two mentions on a silent topic are not news, four in an hour are. A day of windows outweighs it.
- **Cold start.** In the first three hours of known time the level alone is learned, in the first day nothing is cut
  or slowed and no episode is noted. The first hour of a new topic is thus never an alarm: there is nothing to compare
  with. After two hours a window is believed up to once in 8 days, after a day up to once in 100; beyond, a claim
  counts by its square root, so that only overwhelming evidence reaches a rule that asks for 90 days on the first day.
  `learned` of `needed` says how young a baseline is.
- **What happened once is a crisis, what happened twice is a habit.** The largest past peak is left out when the others
  contradict it; a daily bot becomes a habit within a few days.
- **Learn or skip** is one rule with named reasons (`learning`): cut at three deviations, a tenth of the pace while
  something rare lasts, the new normal after three days, unknown windows skipped. The new level is the lowest of the
  daily marks, so that a fading crisis leaves its end behind and not its height.
- **Sums of heavy tails** (reach, engagement) are judged by their logarithm, with the week's course of the volume.
- **Lulls** are told of closed and known windows only, by the count law alone: their past is not kept.
- **Season in UTC.** Hours and weekdays are UTC's: a change of clocks moves people by an hour, once, which the hour
  factors (half-life two weeks) learn; nothing jumps.
- **river is not used here.** Its detectors saturate or answer on both sides, its `AnomalyFilter` is broken in 0.26.1,
  its statistics take no weights of this kind, and importing it costs 1.5 s at each start.
- **State** is a few sums for each signal and window, about 20 KB a topic as MessagePack; a checkpoint only shortens a
  start, and is dated by the last window learned.
- **Streams** have a rhythm of their own (`rhythm`): silence is counted in the mentions it would have brought.
"""
