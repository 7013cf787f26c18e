#!/bin/sh
# The tests drive a real browser: Debian's Chromium without windows, which takes a third of the time of the whole one.
# Install it where we may. The whole one does too; with neither, stop and name the package.
set -eu
has() { command -v "$1" >/dev/null; }
install() { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1"; }

has chromium-headless-shell && exit 0
if [ "$(id -u)" -eq 0 ] && has apt-get; then
    has chromium || apt-get update -qq
    install chromium-headless-shell || has chromium || install chromium
elif ! has chromium; then
    echo "The tests need a browser: install the package 'chromium-headless-shell', then run this again." >&2
    exit 1
fi
