"""The layering of the packages: each imports only what stands below it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.support import ROOT

# From the top layer down, as the design has them. Packages of one line never import one another.
LAYERS = (
    ("__main__",),
    ("cli",),
    ("flows", "__init__"),
    ("authoring",),
    ("pipeline",),
    ("api",),
    ("query",),
    ("archive", "discover", "db"),
    ("fetch", "normalise", "parse"),
    ("replica",),
    ("sources",),
    ("text", "runtime"),
    ("errors",),
    ("model",),
    ("reasons", "_version"),
)
LAYER = {name: number for number, names in enumerate(LAYERS) for name in names}
PACKAGE = ROOT / "src" / "newsetl"


def _imported(path: Path) -> Iterator[str]:
    """Return the names under newsetl that the file imports, such as `db.writer`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "newsetl":
            prefix = (node.module or "").removeprefix("newsetl").removeprefix(".")
            yield from (prefix or alias.name for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (a.name.removeprefix("newsetl.") for a in node.names if a.name.startswith("newsetl."))


def edges() -> set[tuple[str, str]]:
    """Return (importer, imported) for all pairs of different packages or modules of the root."""
    found = set()
    for path in sorted((*PACKAGE.rglob("*.py"), *(PACKAGE / "flows").glob("*.py"))):
        parts = path.relative_to(PACKAGE).parts
        importer = parts[0].removesuffix(".py")
        for name in _imported(path):
            imported = name.split(".")[0]
            imported = imported if imported in LAYER else "__init__"
            if imported != importer:
                found.add((importer, imported))
    return found


def test_a_package_imports_only_lower_layers() -> None:
    assert {(a, b) for a, b in edges() if LAYER[a] >= LAYER[b]} == set()


def test_every_package_has_a_layer_and_the_root_six_modules_at_most() -> None:
    there = {path.name.removesuffix(".py") for path in PACKAGE.iterdir() if path.name not in ("__pycache__",)}
    assert there - {"py.typed", "warehouse"} == set(LAYER)
    assert len(list(PACKAGE.glob("[!_]*.py"))) <= 6
