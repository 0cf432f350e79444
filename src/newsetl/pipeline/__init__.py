"""Runs, which join the stages."""
