"""Slacks to test against: a strict one of our own, and the program `local-slack`."""
