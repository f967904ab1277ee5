"""What the rules, and other thresholds, would have made of the past.

Decisions that cost an argument:

- **One pass, the daemon's own core.** A recording is replayed once; every threshold is counted in that pass. What is
  kept grows with the alarms, not with the mentions.
- **An alarm begins when a return period reaches the threshold after `hold` without an exceedance**, as in the benches.
  Exceedances of nested thresholds are nested, alarms are not: a low threshold may melt two alarms into one.
- **An event is found when an alarm begins in it.** An alarm that was on already tells nobody anything new: it is
  neither found nor missed.
- **Whatever begins outside all events is a false alarm.** Events that nobody wrote down count against a threshold.
- **Rates are those of the whole watch**, all topics together, for that is what a team lives with. Their intervals are
  exact (Garwood 1936), for a Poisson count.
- **What data cannot tell is not told.** A threshold rarer than the topic-days watched is not preferred over one that
  could be seen to hold.
"""
