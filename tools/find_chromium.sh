#!/bin/sh
# Make sure that the browser tests have a Chromium: found, installed by apt where allowed, or asked for.
set -eu
for name in "${CALLBOARD_CHROMIUM:-}" chromium chromium-browser google-chrome; do
    if [ -n "$name" ] && command -v "$name" >/dev/null; then exit 0; fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium for the browser tests …"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null && exit 0
fi
echo "The browser tests need Chromium: apt-get install chromium (or name one in CALLBOARD_CHROMIUM)." >&2
exit 1
