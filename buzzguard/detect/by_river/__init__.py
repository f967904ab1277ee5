"""Any anomaly or drift detector of river as a topic's judge, with its faults kept from the user.

Decisions, and what was argued:

- **The unit stays the return period.** A raw score of river means nothing by itself: it is read against the topic's
  own declustered past scores (`tail`), at most 100 times the time watched. Rules work unchanged.
- **Upward only.** A score that is high because the value is low is no anomaly, and more is never less rare: models that
  score combinations (`HalfSpaceTrees`, `LODA`…) are asked for the value and for those between it and the usual, and the
  highest score counts (`track`).
- **Composition.** River judges the signals and the window that it was given; all else (other signals, lulls, what is
  expected, growth, the crisis score) is the default detector's, which learns beside it. Until a model can tell, and
  for good once it has failed, the default detector's judgement stands: no topic is left unwatched for a library's sake.
  A model that is blind to bursts (drift detectors, `OneClassSVM`, combinations of lagged features) only adds to it.
- **Learn or skip is ours** (`track`), as `AnomalyFilter` is broken in 0.26.1: what is rarer than once in three days is
  not learned until it has lasted three days. What must not miss a beat (a forecaster with a season) is given its own
  forecast instead.
- **Faults of single models** are told and mended where each is wrapped (`judges`).
- **No state is kept.** Pickles do not survive river's upgrades: `version` is empty, and a start learns the topic's
  stored samples again, with the default detector beside it.
- **Drift is no hint for the new normal.** ADWIN on the root of the daily ratio of observed to expected was measured
  against the rule of three days (`python -m tests.bench.drift`): it is no earlier, mostly silent, and so not used.
- River is imported when a model is first checked or built: it costs two seconds.
"""
