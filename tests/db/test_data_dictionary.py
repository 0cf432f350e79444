"""docs/data-dictionary.md says what the schema's comments say; UPDATE_DOCS=1 writes it anew."""

from __future__ import annotations

import os
from pathlib import Path

from tests.support import ROOT, data_dictionary, factories

PAGE = ROOT / "docs" / "data-dictionary.md"


def test_the_page_is_generated_from_the_schema(tmp_path: Path) -> None:
    warehouse, _ = factories.opened(tmp_path / "news.duckdb")
    with warehouse:
        page = data_dictionary.page(warehouse.connection)
        # A new table, column or comment appears without a change here.
        warehouse.connection.execute(
            "CREATE TABLE readers (person_id UUID);"
            "COMMENT ON TABLE readers IS 'One row per reader.';"
            "COMMENT ON COLUMN readers.person_id IS 'The reader.';"
            "ALTER TABLE credits ADD COLUMN person_id UUID;"
        )
        later = data_dictionary.page(warehouse.connection)
    assert "people ||--o{ credits : person_id" in later
    assert "### readers\n\nOne row per reader.\n\n| column |" in later
    assert "| `person_id` | UUID | The reader. → `people` |" in later
    assert " |  |\n" not in page  # every column has a comment
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(page, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page


def test_every_id_column_refers_to_a_table(tmp_path: Path) -> None:
    warehouse, _ = factories.opened(tmp_path / "news.duckdb")
    with warehouse:
        ids = {
            name
            for (name,) in warehouse.connection.execute(
                "SELECT column_name FROM duckdb_columns() SEMI JOIN duckdb_tables() USING (table_oid) "
                "WHERE column_name LIKE '%!_id' ESCAPE '!'"
            ).fetchall()
        }
    assert ids - {"data_dir_id"} <= set(data_dictionary.LEADS_TO)  # a data directory is no table
