"""Runs the benchmarks: all of them, or those named.

    python benchmarks/run.py            all, one after another
    python benchmarks/run.py scoring    one; further arguments go to it
    python benchmarks/run.py --list     what there is

Every script in this folder is one benchmark; those that start with an underscore are helpers.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def benchmarks() -> dict[str, Path]:
    """The benchmarks by name."""
    scripts = (path for path in sorted(HERE.glob("*.py")) if not path.name.startswith("_") and path.name != "run.py")
    return {path.stem: path for path in scripts}


def title(path: Path) -> str:
    """The first line of a script's docstring."""
    return (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").splitlines()[0]


def main(arguments: list[str]) -> int:
    """Run what is asked for; 1 where a benchmark failed, 2 where there is none of that name."""
    known = benchmarks()
    if arguments[:1] == ["--list"]:
        for name, path in known.items():
            print(f"{name:<18}{title(path)}")
        return 0
    if arguments and arguments[0] not in known:
        print(f"no benchmark {arguments[0]}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    chosen = [arguments[0]] if arguments else list(known)
    failed = []
    for name in chosen:
        print(f"\n=== {name}: {title(known[name])}", flush=True)
        done = subprocess.run([sys.executable, str(known[name]), *arguments[1:]], check=False, cwd=HERE.parent)
        if done.returncode:
            failed.append(name)
    if failed:
        print(f"\nfailed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
