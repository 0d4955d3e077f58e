"""The Chromium that draws pages for the tests and the guides' pictures.

Debian's chromium-headless-shell comes first: the same engine without what a window needs.
"""

from __future__ import annotations

import os
import shutil

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--lang=zh-CN"]
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
MISSING = "没有找到 Chromium：请安装 Debian 软件包 chromium-headless-shell 或 chromium（apt-get install chromium-headless-shell），或把它放进 PATH。"


def path() -> str | None:
    """Where it is: what MINQING_CHROMIUM names, else the first of NAMES in PATH; None where there is none."""
    return next((found for name in (os.environ.get("MINQING_CHROMIUM", ""), *NAMES) if name and (found := shutil.which(name))), None)


if __name__ == "__main__":  # deploy/browser.sh asks whether there is one
    raise SystemExit(None if path() else 1)
