"""WARC files of every response, and the log of the runs that wrote them."""
