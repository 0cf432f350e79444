"""Arrow columns of the incoming tables, in the order of the warehouse tables."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

ID = pa.uuid()
TEXT = pa.string()
AT = pa.timestamp("us", tz="UTC")
TEXTS = pa.list_(TEXT)

# Statements compare whole rows, so columns and types must match the warehouse tables.
COLUMNS: dict[str, dict[str, Any]] = {
    "pages": {"source": TEXT, "url": TEXT, "published_at": AT, "title_hash": TEXT, "article_id": ID},
    "capture_ids": {"capture_id": ID},
    "capture_articles": {"capture_id": ID, "article_id": ID, "title_hash": TEXT, "text_hash": TEXT},
    "states": {
        "article_id": ID, "capture_id": ID, "title": TEXT, "text": TEXT, "words": pa.int32(),
        "title_hash": TEXT, "text_hash": TEXT,
    },
    "sightings": {"article_id": ID, "url": TEXT, "first_seen_at": AT, "changed_at": AT},
    "captures": {
        "capture_id": ID, "run_id": ID, "source": TEXT, "kind": TEXT, "requested_url": TEXT,
        "url": TEXT, "fetched_at": AT, "status": pa.int32(), "content_type": TEXT, "charset": TEXT,
        "etag": TEXT, "last_modified": TEXT, "bytes": pa.int64(), "sha256": TEXT, "file": TEXT,
        "offset": pa.int64(), "length": pa.int64(), "article_id": ID, "via": TEXT, "via_url": TEXT,
        "obtained_at": AT, "title_hash": TEXT, "text_hash": TEXT,
    },
    "articles": {
        "article_id": ID, "source": TEXT, "url": TEXT, "title": TEXT, "section": TEXT, "agency": TEXT,
        "published_at": AT, "published_on": pa.date32(), "published_raw": TEXT,
        "published_precision": TEXT, "authors": TEXTS, "editors": TEXTS, "lead": TEXT, "text": TEXT,
        "words": pa.int32(), "language": TEXT, "title_hash": TEXT, "text_hash": TEXT,
        "found": pa.map_(TEXT, TEXT), "first_seen_at": AT, "changed_at": AT, "capture_id": ID,
        "gone_at": AT,
        "fingerprint": pa.uint64(),
    },
    "bands": {"article_id": ID, "bands": pa.list_(pa.uint32())},
    "urls": {
        "source": TEXT, "url": TEXT, "article_id": ID, "url_form": TEXT, "is_canonical": pa.bool_(),
        "first_seen_at": AT,
    },
    "credits": {"article_id": ID, "role": TEXT, "position": pa.int32(), "name": TEXT, "kind": TEXT},
    "images": {"article_id": ID, "position": pa.int32(), "url": TEXT, "caption": TEXT, "credit": TEXT},
    "teasers": {
        "capture_id": ID, "article_id": ID, "position": pa.int32(), "title": TEXT, "summary": TEXT,
        "url": TEXT,
    },
    "rejects": {
        "reject_id": ID, "source": TEXT, "url": TEXT, "stage": TEXT, "reason": TEXT, "message": TEXT,
        "rejected_at": AT, "capture_id": ID, "retry_at": AT, "resolved_at": AT, "resolved_by": ID,
        "resolved_run_id": ID,
    },
    "discovered_links": {
        "source": TEXT, "url": TEXT, "method": TEXT, "section": TEXT, "title": TEXT,
        "published_on": pa.date32(), "discovered_from": TEXT, "first_seen_at": AT,
    },
    "discovery_queries": {
        "run_id": ID, "source": TEXT, "method": TEXT, "since": pa.date32(), "until": pa.date32(),
        "queried_at": AT, "discovered": pa.int64(), "error": TEXT, "is_recheck": pa.bool_(),
    },
    "requests": {
        "run_id": ID, "source": TEXT, "url": TEXT, "host": TEXT, "kind": TEXT, "requested_at": AT,
        "status": pa.int32(), "waited": pa.float64(), "elapsed": pa.float64(), "size": pa.int64(),
        "is_allowed": pa.bool_(), "attempt": pa.int32(), "error": TEXT, "capture_id": ID,
        "wait_reason": TEXT, "min_delay": pa.float64(), "crawl_delay": pa.float64(),
        "retry_after": pa.float64(),
    },
    "people": {"person_id": ID, "name": TEXT, "chinese_name": TEXT, "kind": TEXT},
    "name_matches": {
        "name": TEXT, "kind": TEXT, "person_id": ID, "reason": TEXT, "confidence": pa.float64(),
        "alternatives": TEXTS,
    },
}  # fmt: skip
