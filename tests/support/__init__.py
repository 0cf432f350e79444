"""What several test modules make: pages, batches, mock sites, data directories and servers."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
