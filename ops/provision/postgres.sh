#!/usr/bin/env bash
# A real PostgreSQL on this machine, without Docker: a cluster of its own, 127.0.0.1 only, with a random password.
#
#   postgres.sh start [--dir DIR] [--port PORT]   makes the cluster once, starts it unless it runs, prints DATABASE_URL
#   postgres.sh stop  [--dir DIR]                 the data stays
#   postgres.sh fetch                             installs Debian's package (as root), else says what to install
#
# DIR (default: ecomind-postgres-<uid> in the temporary folder) keeps data, port, password and log. The server refuses
# to run as root: started by root it runs as the user `postgres` or `nobody`, so that user must be able to reach DIR.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source "$(dirname "${BASH_SOURCE[0]}")/service.sh"

# The newest of: the one on the PATH, Debian's folders (which are not on the PATH).
bin_folder() {
  local folder
  for folder in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV) "$(dirname "$(command -v initdb || echo /none/initdb)")"; do
    [ -x "$folder/initdb" ] && printf '%s' "$folder" && return
  done
  return 1
}

fetch() { bin_folder >/dev/null || debian_package postgresql 'PostgreSQL'; }

# as_owner COMMAND...: as somebody who is not root.
as_owner() {
  if [ "$(id -u)" -ne 0 ]; then "$@"
  else (cd / && exec setpriv --reuid="$OWNER" --regid="$(id -g "$OWNER")" --clear-groups "$@")
  fi
}

# The folder may lie where others can write: one that belongs to somebody else is not touched.
make_folder() {
  mkdir -p "$DIR"
  [ -O "$DIR" ] || fail "provision: $DIR belongs to somebody else; name another folder with --dir"
  chmod 0711 "$DIR"
}

create_cluster() {
  [ -f "$DIR/data/PG_VERSION" ] && return
  local password
  password="$(node -p 'require("node:crypto").randomBytes(18).toString("hex")')"
  (umask 077 && printf '%s\n' "$password" >"$DIR/password")
  mkdir -p -m 0700 "$DIR/data" "$DIR/sockets"
  [ "$(id -u)" -ne 0 ] || chown "$OWNER" "$DIR/data" "$DIR/sockets" "$DIR/password"
  as_owner "$BIN/initdb" --pgdata "$DIR/data" --username ecomind --pwfile "$DIR/password" --auth scram-sha-256 \
    --encoding UTF8 --locale C >"$DIR/initdb.log" 2>&1 ||
    fail "provision: PostgreSQL could not make its cluster: $(tail -n 3 "$DIR/initdb.log")"
}

ready() { PGPASSWORD="$(cat "$DIR/password")" "$BIN/psql" -h 127.0.0.1 -p "$PORT" -U ecomind -d postgres -Atqc "$1"; }

start() {
  BIN="$(bin_folder)" || fail "provision: PostgreSQL is missing; get it: $0 fetch"
  OWNER="$(getent passwd postgres >/dev/null 2>&1 && echo postgres || echo nobody)"
  make_folder
  keep_port
  create_cluster
  if ! runs; then
    start_server "$0" run "$DIR" "$PORT" "$BIN" "$OWNER"
  fi
  await PostgreSQL 30 ready 'SELECT 1'
  [ -n "$(ready "SELECT 1 FROM pg_database WHERE datname = 'ecomind'")" ] || ready 'CREATE DATABASE ecomind'
  printf 'postgres://ecomind:%s@127.0.0.1:%s/ecomind\n' "$(cat "$DIR/password")" "$PORT"
}

# In the foreground, as the process that DIR/pid names.
run() {
  DIR="$1" PORT="$2" BIN="$3" OWNER="$4"
  local server=("$BIN/postgres" -D "$DIR/data" -p "$PORT" -c listen_addresses=127.0.0.1 -c "unix_socket_directories=$DIR/sockets")
  [ "$(id -u)" -eq 0 ] || exec "${server[@]}"
  cd / && exec setpriv --reuid="$OWNER" --regid="$(id -g "$OWNER")" --clear-groups "${server[@]}"
}

if [ "${1:-}" = run ]; then
  shift
  run "$@"
fi
parse_options "$@"
DIR="${DIR:-${TMPDIR:-/tmp}/ecomind-postgres-$(id -u)}"
case "$COMMAND" in
  start) start ;;
  # Ends sessions instead of waiting for them.
  stop) stop_server INT ;;
  fetch) once postgres fetch ;;
  *) fail 'usage: postgres.sh start|stop|fetch [--dir DIR] [--port PORT]' ;;
esac
