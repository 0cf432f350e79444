"""SQL only: schema, load, views, checks. One object a file, named after it."""
