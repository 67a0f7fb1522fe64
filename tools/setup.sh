#!/usr/bin/env bash
# Make the virtual environment and install the pinned packages: setup.sh PYTHON VENV engine|dev
set -euo pipefail
cd "$(dirname "$0")/.."
python=$1 venv=$2 stage=$3

say() { printf '\n== %s\n' "$*"; }

if ! "$python" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' 2>/dev/null; then
  echo "Python 3.11 or newer is needed; '$python' is not. Name another one: make PYTHON=python3.12 ..." >&2
  exit 1
fi
if [ ! -x "$venv/bin/python" ]; then
  say "virtual environment in $venv"
  if ! "$python" -m venv "$venv"; then
    echo "The module venv is missing. On Debian: apt-get install python3-venv" >&2
    exit 1
  fi
fi

# Debian packages: only as root, only those that are missing; everything works without them, with the loss that is named.
debian() { # debian COMMAND-OR-FILE PACKAGE WHAT-IS-LOST
  if command -v "$1" >/dev/null 2>&1 || [ -e "$1" ]; then return; fi
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    say "Debian package $2"
    if ! { apt-get install -y -qq "$2" || { apt-get update -qq && apt-get install -y -qq "$2"; }; } >"$venv/apt.log" 2>&1; then
      echo "could not install $2 (see $venv/apt.log): $3" >&2
    fi
  else
    echo "Debian package $2 is not installed (install it as root: apt-get install $2): $3"
  fi
}

if ! "$venv/bin/python" -c 'import uv' 2>/dev/null; then
  say "installer"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
fi

install() { # install FILE: uv is ten times faster; plain pip must do as well
  say "packages of $1"
  "$venv/bin/uv" pip install --quiet --python "$venv/bin/python" --require-hashes -r "$1" ||
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$1"
}

case $stage in
engine)
  debian /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc fonts-noto-cjk \
    "reports use the font of the package pylopdf-fonts-zh-cn, which has one weight only"
  install requirements/engine.txt
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
  touch "$venv/engine.ok"
  ;;
dev)
  debian pdftoppm poppler-utils "tests of rendered report pages are skipped"
  debian java default-jre-headless "tests on PySpark are skipped"
  if command -v java >/dev/null 2>&1; then install requirements/spark.txt; else install requirements/dev.txt; fi
  touch "$venv/dev.ok"
  ;;
esac
