"""Qingyuan 清源: cleaner production (清洁生产) as software, from a plant's data to figures, grades and reports.

The rooms: ``units``, ``reference``, ``facts``, ``figures``, ``checks``, ``standards``, ``audit``, ``report``. Importing
this package loads none of them, so that the command starts fast; ``from qingyuan import facts`` loads one.
"""

from __future__ import annotations

__version__ = "0.1.0"
