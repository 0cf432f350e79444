"""Generic extraction of article fields from a page of any site."""
