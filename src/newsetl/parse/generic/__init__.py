"""Fields of a page of any site."""
