"""Access to a lake's files in S3-compatible storage."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

import duckdb

from newsetl.db.duckdb_extensions import load_extension
from newsetl.db.sql import quoted

_S3_SCHEMES = ("s3", "gcs", "r2")


def is_object_storage(files: str) -> bool:
    """True for an address in S3-compatible storage, False for a folder."""
    return urlsplit(files).scheme in _S3_SCHEMES


def reach_object_storage(connection: duckdb.DuckDBPyConnection) -> None:
    """Files in S3-compatible storage can be read and written, with the usual variables of AWS's programs."""
    load_extension(connection, "httpfs")
    given = {
        "KEY_ID": os.environ.get("AWS_ACCESS_KEY_ID"),
        "SECRET": os.environ.get("AWS_SECRET_ACCESS_KEY"),
        "SESSION_TOKEN": os.environ.get("AWS_SESSION_TOKEN"),
        "REGION": os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"),
    }
    if endpoint := os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL"):
        parts = urlsplit(endpoint)
        given |= {"ENDPOINT": parts.netloc, "URL_STYLE": "path"}
        given |= {"USE_SSL": "true" if parts.scheme == "https" else "false"}
    options = "".join(f", {name} {quoted(value)}" for name, value in given.items() if value)
    connection.execute(f"CREATE SECRET lake_files (TYPE s3{options})")
