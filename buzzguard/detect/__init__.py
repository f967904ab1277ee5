"""Sample → Anomaly: what is usual for a topic, and how rarely its own past brings something as unusual.

Windows are learned when closed, on the strides of `measure.strides`. They are judged at any time, a window that still
fills as it stands: it can only grow. All topics are judged side by side, in the arrays of `bank`.

Decisions, and what was argued (figures and commands: `tests/bench/README.md`):

- **The unit is a return period**, and it has to mean what it says. Three steps make it: the law of counts gives a
  rarity for each signal and window (`scan`, `baselines`, `shares`); the topic's own past episodes correct it
  (`episodes`); the tail of the declustered scores turns the score put together from all windows into how often such
  an alarm comes (`tails`), pooled over topics of like size until a topic has a past of its own.
- **Roots where the rate wanders, exact laws where chance rules.** Judging `sqrt(count + 1)` by a trimmed scatter of its
  own was the best of all rivals on real mention counts; the exact law of counts comes within a quarter of the
  physical limit on Poisson streams. Which of the two speaks is told by the scatter itself (`baselines`).
- **Two windows must agree.** A signal's score is the mean of its two rarest windows.
- **Tone leads.** The negative share finds twice the crises that volume does at the same rate of false alarms, and sees
  a shift of tone to which volume is blind. It is a beta-binomial test of independent voices: neither one author nor
  copies of one text dominate it, and the scorer's errors are part of it (`shares`).
- **The crisis score** looks for tone, and for tone with size, window by window, after both have been made comparable
  by the topic's own past. Size is the median of volume, authors and sites: two of the three must agree, so that a bot
  that posts 5,000 copies makes no crisis. The negative count adds nothing to share and size, of which it is the
  product; growth is what short windows see before long ones, and is told apart (`growth`).
- **Quiet topics** are judged by stories (`quiet`): how often one begins and how large such stories get, never by chance
  alone, and by the rarest window, for a story is one event on all scales. No topic is believed so quiet that one or two
  mentions are rarer than once in a year; this is on the safe side, not calibrated. From a mention in three days to
  three a day the law of counts takes over, with a doubt that fades as mentions become daily.
- **Cold start.** The first hour is never an alarm. In the first day nothing is cut and no episode is kept. A return
  period is at most a hundred times the time watched. `learned` of `needed` says how young a baseline is.
- **Learn or skip** (`learning`): unknown windows are skipped, residuals cut at two deviations, what has lasted three
  days becomes the new normal within one more.
- **Season in local time** (`calendar`): hours and days as the topic's people live them, holidays as Sundays; what is
  planned multiplies what is expected.
- **Lulls** are told of closed and known windows only, by the law of counts alone.
- **A budget** of false alarms over everything watched makes all return periods longer where it is set (`budget`).
- **river** is what a topic's settings may choose instead (`by_river`); the detector above does not use it: its own
  detectors are weaker here, its statistics take no weights of this kind, and importing it costs 1.5 s.
- **State** is about 15 KB a topic; a checkpoint only shortens a start, and is dated by the last window learned. It
  names the topic's query: when that has changed, the baseline starts anew, and says so.
- **Streams** have a rhythm of their own (`rhythm`): silence is counted in the mentions it would have brought.
"""
