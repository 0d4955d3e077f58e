#!/usr/bin/env bash
# Printing needs Pango and Chinese fonts. Without them everything else works, so the demo only says what is missing.
set -uo pipefail
if ldconfig -p 2>/dev/null | grep -q libpangoft2-1.0 && fc-list 2>/dev/null | grep -qi 'cjk'; then exit 0; fi
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  echo "正在安装打印所需的字体和排版库……"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends fontconfig fonts-noto-cjk libpango-1.0-0 libpangoft2-1.0-0 >/dev/null && exit 0
fi
echo "提示：打印 PDF 需要系统包 fonts-noto-cjk、libpango-1.0-0、libpangoft2-1.0-0；其他功能不受影响。"
exit 0
