"""Import of saved pages and WARC files."""
