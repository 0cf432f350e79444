"""Normalisation of parsed pages into articles, credits and people."""
