"""Typst in a process of its own: its memory goes back when a report is done, and a fault in it stops nothing else.

Typst keeps what it laid out for ten further documents, some 200 MB for a report of 80 pages, and a program that runs
for days would carry all of that. This file runs as a program too: a job as JSON on standard input, the document on
standard output (pages of PNG one after the other, each with its length before it), the words of an error on standard
error. It imports nothing but typst, so that the process starts at once.
"""

from __future__ import annotations

import datetime as dt
import json
import struct
import subprocess
import sys
from dataclasses import dataclass
from typing import Literal

CHINA = dt.timezone(dt.timedelta(hours=8))
TIMEOUT_S = 300
_FAILED = 3


@dataclass(frozen=True, slots=True)
class Job:
    """A document to be set: typst source, its inputs, the folder it may read, further font folders.

    ``dpi`` for PNG; ``day`` (ISO) is the date that a PDF carries.
    """

    source: str
    inputs: dict[str, str]
    form: Literal["pdf", "png"]
    root: str
    fonts: tuple[str, ...] = ()
    dpi: int = 220
    day: str = ""


class TypesettingFailed(RuntimeError):
    """Typst or its process failed; the text says how."""


def run(job: Job) -> list[bytes]:
    """Set a document in a fresh process: one PDF, or one PNG for each page.

    Raises TypesettingFailed where typst refuses the source, the process dies or takes more than five minutes.
    """
    order = json.dumps({
        "source": job.source, "inputs": job.inputs, "form": job.form, "root": job.root, "fonts": list(job.fonts),
        "dpi": job.dpi, "day": job.day,
    }).encode("ascii")  # fmt: skip
    command = [sys.executable, "-P", __file__]  # -P: nothing is imported from the folder that one works in
    try:
        done = subprocess.run(command, input=order, capture_output=True, timeout=TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise TypesettingFailed(str(error)) from error
    if done.returncode != 0:
        raise TypesettingFailed(done.stderr.decode("utf-8", "replace").strip() or f"exit status {done.returncode}")
    return _unpacked(done.stdout)


def _unpacked(data: bytes) -> list[bytes]:
    pages: list[bytes] = []
    at = 0
    while at < len(data):
        (length,) = struct.unpack_from(">Q", data, at)
        pages.append(data[at + 8 : at + 8 + length])
        at += 8 + length
    return pages


def main() -> int:
    """Do the job that stands on standard input."""
    import typst

    order = json.load(sys.stdin.buffer)
    fonts = typst.Fonts(include_system_fonts=True, include_embedded_fonts=True, font_paths=order["fonts"])
    compiler = typst.Compiler(root=order["root"], font_paths=fonts)
    source = order["source"].encode("utf-8")
    try:
        if order["form"] == "png":
            found = compiler.compile(source, format="png", ppi=order["dpi"], sys_inputs=order["inputs"])
        else:
            stamp = dt.datetime.combine(dt.date.fromisoformat(order["day"]), dt.time(12), tzinfo=CHINA)
            found = compiler.compile(source, format="pdf", sys_inputs=order["inputs"], timestamp=stamp)
    except typst.TypstError as error:
        sys.stderr.buffer.write(str(error).encode("utf-8", "replace"))
        return _FAILED
    pages = found if isinstance(found, list) else [found or b""]
    for page in pages:
        sys.stdout.buffer.write(struct.pack(">Q", len(page)) + page)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
