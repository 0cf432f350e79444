"""Extraction of article fields from a page."""
