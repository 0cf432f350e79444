"""The polite HTTP client."""
