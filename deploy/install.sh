#!/usr/bin/env bash
# Make the virtual environment and install exactly what requirements.lock names. With uv where present, with pip elsewhere.
set -euo pipefail
python=$1 venv=$2
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  echo "需要 Python 3.11 或更新的版本；找到的是：$("$python" --version 2>&1 || echo 没有)。请安装后再运行，或用 make PYTHON=python3.12 demo 指定。" >&2
  exit 2
fi
if [ ! -x "$venv/bin/python" ]; then
  if ! "$python" -m venv "$venv" 2>/tmp/minqing-venv.log; then
    echo "建不了虚拟环境（Debian/Ubuntu 请先安装 python3-venv）：" >&2
    tail -3 /tmp/minqing-venv.log >&2
    exit 2
  fi
fi
echo "正在安装依赖（第一次约需一两分钟）……"
if command -v uv >/dev/null 2>&1; then
  uv pip install --quiet --python "$venv/bin/python" --require-hashes -r requirements.lock
else
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
fi
# The program itself runs from the checkout: a path file and a three-line command need no build tools and no network.
site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
pwd > "$site/minqing-checkout.pth"
cat > "$venv/bin/minqing" <<EOF
#!$PWD/$venv/bin/python
from minqing.cli import main
raise SystemExit(main())
EOF
chmod +x "$venv/bin/minqing"
