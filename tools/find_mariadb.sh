#!/bin/sh
# Make sure that the tests of the FreePBX database have a MariaDB: found, or installed by apt where allowed.
# Without one those tests are skipped and say why, so this never fails.
set -eu
export PATH="$PATH:/usr/sbin:/usr/local/sbin"
for name in "${CALLBOARD_MARIADBD:-}" mariadbd mysqld; do
    if [ -n "$name" ] && command -v "$name" >/dev/null; then exit 0; fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing MariaDB for the tests of the FreePBX database …"
    if apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        mariadb-server >/dev/null; then exit 0; fi
fi
echo "The tests of the FreePBX database are skipped without MariaDB: apt-get install mariadb-server" \
    "(or name a mariadbd in CALLBOARD_MARIADBD)." >&2
