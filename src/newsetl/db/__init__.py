"""The only writer of the warehouse."""
