"""Factories that test modules share: pages, batches, mock sites, data directories and servers."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
