"""Charsets, dates, languages, whitespace and HTML trees."""
