"""Sentiment: three tiers of scorers behind the port `Scorer`, and the cascade that spends a budget on them."""
