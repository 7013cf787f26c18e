#!/bin/sh
# The tests drive a real browser: Debian's Chromium. Install it where we may, else stop and name the package.
set -eu
if command -v chromium >/dev/null; then
    exit 0
fi
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium
else
    echo "The tests need a browser: install the package 'chromium', then run this again." >&2
    exit 1
fi
