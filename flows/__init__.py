"""Prefect flows: thin shells around newsetl.pipeline."""
