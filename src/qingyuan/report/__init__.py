"""Reports (报告): one tree of blocks, two writers (PDF, DOCX), charts, fonts, chapters built from an audit result.

``first_report.write_report(result, folder, language)`` writes DOCX, PDF and ``result.json`` with the same numbers.
Nothing heavy is loaded here: the writers are imported where they are used.
"""
