"""Readers of the published warehouse."""
