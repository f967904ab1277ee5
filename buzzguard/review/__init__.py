"""What an incident was, once it is looked back at: its timeline, its measures, what a response changed.

Pure functions over the facts of the store: the same facts give the same report. Nothing here runs in the watch.
"""
