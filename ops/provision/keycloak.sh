#!/usr/bin/env bash
# A real identity provider on this machine, without Docker: Keycloak, with OpenID Connect and SAML, 127.0.0.1 only.
#
#   keycloak.sh start [--dir DIR] [--port PORT]   fetches it once, starts it unless it runs, prints its URL
#   keycloak.sh stop  [--dir DIR]
#   keycloak.sh fetch                             only fetches it (176 MB)
#
# DIR (default: in the cache folder) keeps port, pid, log and what was configured; its administrator is `admin` with the
# password `admin`. For tests and for trying it out, not for production.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source "$(dirname "${BASH_SOURCE[0]}")/service.sh"

VERSION='26.7.3'
APP="$CACHE/keycloak-$VERSION"
JAVA_MIN=17

fetch() {
  [ -f "$APP/.complete" ] && return
  need mvn "fetching Keycloak $VERSION" 'Debian: apt-get install maven'
  say "provision: fetching Keycloak $VERSION (176 MB)"
  rm -rf "$APP" && mkdir -p "$APP/archive"
  mvn -B -q dependency:copy -Dartifact="org.keycloak:keycloak-quarkus-dist:$VERSION:tar.gz" \
    -DoutputDirectory="$APP/archive" >&2 ||
    fail "provision: Maven could not fetch Keycloak $VERSION; the reason is above. Behind a mirror, name it in Maven's settings.xml"
  tar -xzf "$APP"/archive/*.tar.gz -C "$APP" --strip-components=1 && rm -r "$APP/archive"
  touch "$APP/.complete"
}

# A copy for each DIR: Keycloak builds itself at its first start and writes below its own folder.
unpack() {
  [ -f "$DIR/home/.complete" ] && return
  rm -rf "$DIR/home" && cp -a "$APP" "$DIR/home"
}

start() {
  local java
  java="$(find_java "$JAVA_MIN" 'Keycloak')"
  once "keycloak-$VERSION" fetch
  mkdir -p "$DIR"
  keep_port
  if ! runs; then
    unpack
    JAVA_HOME="$(dirname "$(dirname "$(readlink -f "$java")")")" JAVA_OPTS_KC_HEAP='-Xms64m -Xmx512m' \
      KC_BOOTSTRAP_ADMIN_USERNAME=admin KC_BOOTSTRAP_ADMIN_PASSWORD=admin \
      start_server "$DIR/home/bin/kc.sh" start-dev --http-host=127.0.0.1 --http-port="$PORT"
  fi
  await 'Keycloak' 300 answers "http://127.0.0.1:$PORT/realms/master/.well-known/openid-configuration"
  printf 'http://127.0.0.1:%s\n' "$PORT"
}

parse_options "$@"
DIR="${DIR:-$CACHE/keycloak-data}"
case "$COMMAND" in
  start) start ;;
  stop) stop_server ;;
  fetch) once "keycloak-$VERSION" fetch ;;
  *) fail 'usage: keycloak.sh start|stop|fetch [--dir DIR] [--port PORT]' ;;
esac
