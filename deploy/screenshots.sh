#!/usr/bin/env bash
# The pictures of docs/guide, from a running demonstration: deploy/screenshots.sh [URL] [PASSWORD] [NAME…]
set -euo pipefail
cd "$(dirname "$0")/.."
deploy/browser.sh
python=.venv/bin/python
url=${1:-http://127.0.0.1:8000}
password=${2:-$("$python" -c 'from minqing.demo.cast import PASSWORD; print(PASSWORD)')}
exec env PYTHONPATH=. "$python" deploy/screenshots.py "$url" "$password" "${@:3}"
