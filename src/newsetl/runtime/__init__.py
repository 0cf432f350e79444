"""Data directory, locks, atomic writes, signals and processes."""
