"""Entering an evaluation index system (指标体系录入): the public face of form, reading, proof, installing, comparing.

The way of a table: ``write_form`` gives the Excel form, ``read_form`` reads it as it was typed, ``prove_form`` proves
it and ``mark_form`` shows the findings at their cells, ``install`` keeps it with who and when, ``confirm`` records the
second person; ``diff`` compares editions, ``to_toml`` writes the file.
"""

from __future__ import annotations

from qingyuan.standards.authoring.check import Proof, Trial, mark_form, prove, prove_form
from qingyuan.standards.authoring.diff import Change, compare_copies, diff
from qingyuan.standards.authoring.install import Installed, confirm, earlier_editions, install
from qingyuan.standards.authoring.read import FormReading, read_form
from qingyuan.standards.authoring.view import PublishedRow, published_rows
from qingyuan.standards.authoring.write import write_form
from qingyuan.standards.toml_writer import to_toml

__all__ = [
    "Change",
    "FormReading",
    "Installed",
    "Proof",
    "PublishedRow",
    "Trial",
    "compare_copies",
    "confirm",
    "diff",
    "earlier_editions",
    "install",
    "mark_form",
    "prove",
    "prove_form",
    "published_rows",
    "read_form",
    "to_toml",
    "write_form",
]
