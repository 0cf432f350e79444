"""Clean articles from parsed pages."""
