"""Prefect flows: thin shells around newsetl.pipeline."""

import gc

from newsetl import GARBAGE

gc.set_threshold(GARBAGE)
