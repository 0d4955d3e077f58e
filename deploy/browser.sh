#!/usr/bin/env bash
# The browser of the tests and the fonts and libraries of the PDFs. Root installs them; an ordinary user is told what to ask for.
set -euo pipefail
missing=()
python3 "$(dirname "$0")/chromium.py" || missing+=(chromium-headless-shell)
fc-list 2>/dev/null | grep -qi 'noto.*cjk' || missing+=(fonts-noto-cjk)
ldconfig -p 2>/dev/null | grep -q libpangoft2-1.0 || missing+=(libpango-1.0-0 libpangoft2-1.0-0)
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  echo "正在安装：${missing[*]}"
  apt-get update -qq
  # a system that does not have the shell alone has the whole browser
  apt-cache show chromium-headless-shell >/dev/null 2>&1 || missing=("${missing[@]/chromium-headless-shell/chromium}")
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" fontconfig >/dev/null
else
  echo "测试需要这些系统软件包：${missing[*]}。请管理员运行：apt-get install ${missing[*]}" >&2
  exit 2
fi
