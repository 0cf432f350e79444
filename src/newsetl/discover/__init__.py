"""Discovery of article URLs."""
