"""Samples, anomalies and rules in; alerts out.

Decisions that cost an argument:

- A rule reads all its signals on one and the same window. Numbers of different windows cannot be compared.
- `for` is held only by evaluations that saw the condition true, no further apart than the decider's `gap`: a daemon
  that slept an hour between two of them has not seen the condition hold for an hour.
- `keep_firing_for` counts from the first evaluation that saw the condition false (as in Prometheus). Where the
  window is largely unknown nothing is concluded: a source that is down does not end an alert.
- `until` is a second threshold, not a second condition: each window on which `when` held since the alert began keeps
  it up until `until` holds there. Without it a value that hovers around its threshold ends and begins again.
- What is learned is no end that went away: an alert that is gone because the baseline adopted its level says so.
- A record is noted, untold, whenever a restart from the last one would go another way.
- Severity never falls while an alert fires. Whoever was woken by red must not find a yellow card.
- A rule on trial cannot convene a crisis team: `experimental` fires at yellow at most, `test` at orange at most.
- A pending alert that lapses is forgotten untold: nobody knew of it.
"""
