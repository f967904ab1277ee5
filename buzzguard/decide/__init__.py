"""Samples, anomalies and rules in; alerts out.

Decisions that cost an argument:

- A rule reads all its signals on one and the same window. Numbers of different windows cannot be compared.
- `for` is held only by evaluations that saw the condition true, no further apart than the decider's `gap`: a daemon
  that slept an hour between two of them has not seen the condition hold for an hour.
- `keep_firing_for` counts from the first evaluation that saw the condition false (as in Prometheus). Where the
  window is largely unknown nothing is concluded: a source that is down does not end an alert.
- Severity never falls while an alert fires. Whoever was woken by red must not find a yellow card.
- A rule on trial cannot convene a crisis team: `experimental` fires at yellow at most, `test` at orange at most.
- A pending alert that lapses is forgotten without a record: nobody was told of it.
"""
