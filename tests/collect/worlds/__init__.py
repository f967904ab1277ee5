"""Loopback servers, one module for each source, that speak the documented protocol of the service, errors included.

The contract suite finds them by the name of the source: a source without its world fails the suite.
"""
