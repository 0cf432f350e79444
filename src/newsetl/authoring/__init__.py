"""Drafting, linting and checking of source files."""
