"""Access to a lake's files in S3-compatible storage."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

import duckdb

from newsetl.db.duckdb_extensions import load_extension
from newsetl.db.sql import quote_literal

_S3_SCHEMES = ("s3", "gcs", "r2")


def is_object_storage(files: str) -> bool:
    """Return True for a URL in S3-compatible storage, False for a directory."""
    return urlsplit(files).scheme in _S3_SCHEMES


def configure_object_storage(connection: duckdb.DuckDBPyConnection) -> None:
    """Give DuckDB access to S3-compatible storage with the AWS_* environment variables."""
    load_extension(connection, "httpfs")
    values = {
        "KEY_ID": os.environ.get("AWS_ACCESS_KEY_ID"),
        "SECRET": os.environ.get("AWS_SECRET_ACCESS_KEY"),
        "SESSION_TOKEN": os.environ.get("AWS_SESSION_TOKEN"),
        "REGION": os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"),
    }
    if endpoint := os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL"):
        parts = urlsplit(endpoint)
        values |= {"ENDPOINT": parts.netloc, "URL_STYLE": "path"}
        values |= {"USE_SSL": "true" if parts.scheme == "https" else "false"}
    options = "".join(f", {name} {quote_literal(value)}" for name, value in values.items() if value)
    connection.execute(f"CREATE SECRET lake_files (TYPE s3{options})")
