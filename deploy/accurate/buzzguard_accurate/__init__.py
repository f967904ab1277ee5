"""Weights of the accurate sentiment tier; `buzzguard.understand.sentiment.accurate` reads them from this folder."""
