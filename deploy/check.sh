#!/usr/bin/env bash
# Everything that can be checked without running the program.
set -euo pipefail
bin=$1
"$bin/ruff" check .
"$bin/mypy"
"$bin/lint-imports"
"$bin/minqing" docs --check
"$bin/python" -m pytest tests/contracts/test_code.py
