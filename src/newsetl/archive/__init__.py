"""WARC archive of every response, with the log of each run."""
