"""Version of newsetl."""

__version__ = "0.1.0"
