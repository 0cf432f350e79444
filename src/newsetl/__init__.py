"""A news channel as a table: complete, provable and replayable."""

__version__ = "0.1.0"
