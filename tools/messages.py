"""Keep the English catalogue complete: extract messages, merge them, compile, check (used by make).

``update`` renews ``locale/en/LC_MESSAGES/qingyuan.po`` from the source and compiles it; ``check`` fails where a message
has no translation, is marked fuzzy, loses or invents a {field}, or where the compiled catalogue is out of date.
"""

from __future__ import annotations

import ast
import io
import re
import string
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "qingyuan"
FOLDER = SOURCE / "locale" / "en" / "LC_MESSAGES"
PO, MO = FOLDER / "qingyuan.po", FOLDER / "qingyuan.mo"
CALLS = ("message", "tr")
CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")  # characters, and punctuation of full width


def extracted() -> Catalog:
    """All messages of the source: the first argument of every ``message`` and ``tr``, those inside others too."""
    catalogue = Catalog(project="qingyuan", charset="utf-8")
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in CALLS:
                continue
            text = node.args[0] if node.args else None
            if isinstance(text, ast.Constant) and isinstance(text.value, str) and text.value:
                catalogue.add(text.value, locations=[(path.relative_to(SOURCE).as_posix(), 0)])
    return catalogue


def current() -> Catalog:
    """The English catalogue as it stands."""
    if not PO.exists():
        return Catalog(locale="en", project="qingyuan", charset="utf-8")
    with PO.open("rb") as stream:
        return read_po(stream, locale="en")


def compiled(catalogue: Catalog) -> bytes:
    """The catalogue as a .mo file."""
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def update() -> int:
    """Merge new messages in, drop those that are gone, write both files."""
    catalogue = current()
    catalogue.update(extracted(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as stream:
        write_po(stream, catalogue, width=110, sort_output=True, no_location=True, omit_header=False)
    MO.write_bytes(compiled(catalogue))
    return 0


def fields(template: str) -> set[str]:
    """The names of the {fields} of a template; doubled braces are none."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def faults() -> list[str]:
    """What is wrong with the catalogue, one line each."""
    catalogue = current()
    found: list[str] = []
    for entry in extracted():
        if not entry.id:
            continue
        text = str(entry.id)
        translated = catalogue.get(text)
        if translated is None or not translated.string:
            found.append(f"no English for: {text}")
        elif translated.fuzzy:
            found.append(f"fuzzy: {text}")
        elif fields(text) != fields(str(translated.string)):
            found.append(f"fields differ: {text} -> {translated.string}")
        elif CHINESE.search(str(translated.string)):
            found.append(f"Chinese left in: {translated.string}")
        elif "  " in str(translated.string) and "  " not in text:
            found.append(f"two spaces in: {translated.string}")
    if not MO.exists() or MO.read_bytes() != compiled(catalogue):
        found.append("the compiled catalogue is out of date: make messages")
    return found


def check() -> int:
    """Print what is wrong; 1 where anything is."""
    found = faults()
    print("\n".join(found) if found else "messages: English catalogue complete")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit({"update": update, "check": check}[sys.argv[1]]())
