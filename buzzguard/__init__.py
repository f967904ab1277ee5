"""BuzzGuard: an early-warning daemon for crises of reputation."""

__version__ = "0.1.0"
