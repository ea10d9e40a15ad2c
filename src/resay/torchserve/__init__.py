"""TorchServe as a front end: archives, configuration, start, readiness and stop.

Nothing here imports torch or ts: the server is a separate Java process, and its workers are separate
Python processes that import the handlers.
"""
