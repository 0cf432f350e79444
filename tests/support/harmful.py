"""Articles whose titles, sections and texts would do harm on a page that shows them as they came."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from newsetl.reasons import Reason
from tests.support.factories import NOON, Room, after, article, batch, capture, page, reject, web

# Each would be seen: as markup, as the end of a script or attribute, as a comment, or as text turned round.
NASTY = (
    "</script><script>window.hurt=1</script><!-- <b>bold</b> \"double\" 'single' & &amp; {{ 7*7 }} "
    "\u2028 \u202egnihton\u202c \u200fعنوان 🧪 \u0000 ${window.hurt=1} \\u003c"
)
HOSTILE = {
    "title": NASTY,
    "section": "<img src=x onerror=window.hurt=1>",
    "agency": NASTY,
    "text": f"{NASTY}\n\nThe lamp burns all night.",
    "published_at": NOON,
    "published_raw": NASTY,
}


def add_harmful(path: Path) -> None:
    """Load such articles into the warehouse, of which one was changed twice and one went."""
    room = Room(path)
    room.warehouse.connection.execute("UPDATE runs SET is_incremental = true WHERE run_id = ?", [room.run_id])
    changed = HOSTILE | {"title": f"{NASTY} now", "text": f"{NASTY}\n\nThe lamp burns half the night."}
    room.load(
        batch(
            page(1, web(1), at=after(30), **HOSTILE),
            page(2, web(1), at=after(60), **changed),
            (capture(3, "javascript:window.hurt=1", at=after(90)),
             replace(article(3, "javascript:window.hurt=1", **HOSTILE), url_form="web")),
            page(4, web(4), at=after(90), published_at=NOON, section=None),
            rejects=[
                reject(None, web(4), at=after(120), reason=Reason.REMOVED_PAGE),
                replace(reject(None, "javascript:window.hurt=1//", reason=Reason.NO_TITLE), message=NASTY),
            ],
        )
    )  # fmt: skip
    room.warehouse.close()
