#!/usr/bin/env bash
# Makes @confluentinc/kafka-javascript usable: kafka-client.sh
#
# Installs the client into a folder of the cache, once for each version of Node, and prints that folder; the event log
# finds it there by itself (event-log/src/load-kafka-client.ts), so `npm ci` neither fetches nor compiles it. Its own
# installer takes a prebuilt addon where its release page can be reached, and compiles librdkafka where not (2 minutes).
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

PACKAGE='@confluentinc/kafka-javascript'
VERSION='1.10.1'
DEV_PACKAGES='libcurl4-openssl-dev libssl-dev libsasl2-dev zlib1g-dev liblz4-dev libzstd-dev'

need node 'the Kafka client' 'Install Node 20.19 or newer.'
need npm 'the Kafka client' 'It comes with Node.'

# The same name as in load-kafka-client.ts.
FOLDER="$CACHE/kafka-client/$VERSION-$(node -p '`node${process.versions.modules}-${process.platform}-${process.arch}`')"

loads() {
  (cd "$FOLDER" 2>/dev/null && node -e "require('$PACKAGE')" >/dev/null 2>&1)
}

# Compiling needs Node's headers; beside Node's own binary they need no download.
node_prefix() {
  local prefix
  prefix="$(dirname "$(dirname "$(node -p 'require("fs").realpathSync(process.execPath)')")")"
  [ -f "$prefix/include/node/node.h" ] && printf '%s' "$prefix"
}

install() {
  if loads; then return; fi
  local prefix log="$FOLDER.log"
  prefix="$(node_prefix || true)"
  rm -rf "$FOLDER"
  mkdir -p "$FOLDER"
  echo '{ "private": true }' >"$FOLDER/package.json"
  say "provision: installing $PACKAGE $VERSION (compiles for about 2 minutes where no prebuilt addon can be had)"
  # Its makefile does not bear parallel jobs.
  if ! env -u JOBS -u MAKEFLAGS CKJS_LINKING=dynamic ${prefix:+npm_config_nodedir="$prefix"} \
    npm install --prefix "$FOLDER" --no-audit --no-fund --foreground-scripts "$PACKAGE@$VERSION" >"$log" 2>&1 || ! loads; then
    tail -n 15 "$log" >&2
    rm -rf "$FOLDER"
    fail "provision: $PACKAGE could not be installed; the whole output is in $log.
To compile it, a C++20 compiler, make, python3 and these libraries are wanted (Debian: apt-get install g++ make python3 $DEV_PACKAGES).
Where its release page can be reached, nothing is compiled."
  fi
}

once kafka-client install
printf '%s\n' "$FOLDER"
