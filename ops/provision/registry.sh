#!/usr/bin/env bash
# A real schema registry on this machine, without Docker: Apicurio, with Confluent's REST interface, 127.0.0.1 only.
#
#   registry.sh start [--dir DIR] [--port PORT]   fetches it once, starts it unless it runs, prints SCHEMA_REGISTRY_URL
#   registry.sh stop  [--dir DIR]
#   registry.sh fetch                             only fetches it (158 MB)
#
# DIR (default: in the cache folder) keeps port, pid and log. Schemas are in memory: a restart forgets them, which is
# a fault worth testing with. For tests and for trying it out, not for production.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source "$(dirname "${BASH_SOURCE[0]}")/service.sh"

VERSION='3.3.3'
APP="$CACHE/apicurio-registry-$VERSION"
JAVA_MIN=21

fetch() {
  [ -f "$APP/.complete" ] && return
  need mvn "fetching the schema registry $VERSION" 'Debian: apt-get install maven'
  say "provision: fetching Apicurio Registry $VERSION (158 MB)"
  rm -rf "$APP" && mkdir -p "$APP/archive"
  mvn -B -q dependency:copy -Dartifact="io.apicurio:apicurio-registry-app:$VERSION:tar.gz:all" \
    -DoutputDirectory="$APP/archive" >&2 ||
    fail "provision: Maven could not fetch the registry $VERSION; the reason is above. Behind a mirror, name it in Maven's settings.xml"
  tar -xzf "$APP"/archive/*.tar.gz -C "$APP" && rm -r "$APP/archive"
  touch "$APP/.complete"
}

start() {
  local java jar
  java="$(find_java "$JAVA_MIN" 'the registry')"
  once "apicurio-$VERSION" fetch
  jar="$(find "$APP" -maxdepth 2 -name quarkus-run.jar | head -n 1)"
  [ -n "$jar" ] || fail "provision: $APP holds no quarkus-run.jar; remove the folder and try again"
  mkdir -p "$DIR"
  keep_port
  runs || QUARKUS_HTTP_PORT="$PORT" QUARKUS_HTTP_HOST=127.0.0.1 start_server "$java" -Xmx512m -jar "$jar"
  await 'The schema registry' 120 answers "http://127.0.0.1:$PORT/apis/ccompat/v7/subjects"
  printf 'http://127.0.0.1:%s/apis/ccompat/v7\n' "$PORT"
}

parse_options "$@"
DIR="${DIR:-$CACHE/registry-data}"
case "$COMMAND" in
  start) start ;;
  stop) stop_server ;;
  fetch) once "apicurio-$VERSION" fetch ;;
  *) fail 'usage: registry.sh start|stop|fetch [--dir DIR] [--port PORT]' ;;
esac
