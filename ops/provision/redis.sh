#!/usr/bin/env bash
# A real Redis on this machine, without Docker: 127.0.0.1 only, nothing kept on disk.
#
#   redis.sh start [--dir DIR] [--port PORT]   starts it unless it runs, waits until it answers, prints its REDIS_URL
#   redis.sh stop  [--dir DIR]
#   redis.sh fetch                             installs Debian's package (as root), else says what to install
#
# DIR (default: in the cache folder) keeps port, pid and log; PORT is a free one by default. For tests and trying out.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source "$(dirname "${BASH_SOURCE[0]}")/service.sh"

fetch() { command -v redis-server >/dev/null 2>&1 || debian_package redis-server 'Redis'; }

start() {
  need redis-server 'shared rate limits' "Get it: $0 fetch"
  mkdir -p "$DIR"
  keep_port
  runs || start_server redis-server --bind 127.0.0.1 --port "$PORT" --dir "$DIR" --save '' --appendonly no
  await Redis 20 redis-cli -h 127.0.0.1 -p "$PORT" ping
  printf 'redis://127.0.0.1:%s\n' "$PORT"
}

parse_options "$@"
DIR="${DIR:-$CACHE/redis-data}"
case "$COMMAND" in
  start) start ;;
  stop) stop_server ;;
  fetch) once redis fetch ;;
  *) fail 'usage: redis.sh start|stop|fetch [--dir DIR] [--port PORT]' ;;
esac
