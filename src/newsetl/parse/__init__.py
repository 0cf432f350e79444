"""Fields of an article page."""
