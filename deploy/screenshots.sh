#!/usr/bin/env bash
# The pictures of docs/guide, from a running demonstration: deploy/screenshots.sh [URL] [PASSWORD] [NAME…]
set -euo pipefail
cd "$(dirname "$0")/.."
deploy/browser.sh
python=.venv/bin/python
url=${1:-http://127.0.0.1:8000}
password=${2:-$(sed -n 's/^PASSWORD = "\([^"]*\)".*/\1/p' minqing/demo/cast.py)}
exec "$python" deploy/screenshots.py "$url" "$password" "${@:3}"
