"""Runs: where the stages meet."""
