"""The chapters of reports: each file builds the blocks of one chapter from an audit result, without its heading.

Reports (``first_report`` now, the full audit report later) put chapters under their own headings and numbers.
"""
