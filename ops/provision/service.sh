# What the scripts for one small server share: options, ports, the pid file, waiting. Sourced behind common.sh.
# A server has a folder DIR with `port`, `pid` and `server.log`; started again it takes the same port and data.

# parse_options "$@": sets COMMAND, DIR (empty: the caller's default) and PORT (0: a free one).
parse_options() {
  COMMAND="${1:-}" DIR='' PORT=0
  [ $# -gt 0 ] && shift
  while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || fail "provision: $1 wants a value"
    case "$1" in
      --dir) DIR="$2" ;;
      --port) PORT="$2" ;;
      *) fail "provision: unknown option $1; --dir and --port are known" ;;
    esac
    shift 2
  done
  [[ "$PORT" =~ ^[0-9]{1,5}$ ]] || fail "provision: --port $PORT; a number from 1 to 65535 is wanted"
}

free_port() {
  node -e 'const s = require("node:net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })'
}

# keep_port: the port of an earlier start of this DIR, else the one that was asked for, else a free one.
keep_port() {
  if [ -f "$DIR/port" ] && { [ "$PORT" -eq 0 ] || [ "$(cat "$DIR/port")" = "$PORT" ]; }; then
    PORT="$(cat "$DIR/port")"
    return
  fi
  [ "$PORT" -ne 0 ] || PORT="$(free_port)"
  printf '%s\n' "$PORT" >"$DIR/port"
}

runs() { [ -f "$DIR/pid" ] && kill -0 "$(cat "$DIR/pid")" 2>/dev/null; }

# start_server COMMAND...: in the background, out of reach of the terminal's Ctrl-C. It inherits no open file: a caller
# that runs this under `flock` would hold its lock for as long as the server lives.
start_server() {
  (
    for fd in /proc/self/fd/* /dev/fd/*; do
      fd="${fd##*/}"
      [[ "$fd" =~ ^[0-9]+$ ]] && [ "$fd" -gt 2 ] && eval "exec $fd>&-"
    done
    exec setsid nohup "$@" >"$DIR/server.log" 2>&1 </dev/null
  ) &
  printf '%s\n' "$!" >"$DIR/pid"
}

# await NAME SECONDS COMMAND...: until the command succeeds; fails early when the server ended.
await() {
  local name="$1" seconds="$2" waited
  shift 2
  for ((waited = 0; waited < seconds * 5; waited++)); do
    "$@" >/dev/null 2>&1 && return
    runs || fail "provision: $name ended: $(tail -n 5 "$DIR/server.log") (all of it: $DIR/server.log)"
    sleep 0.2
  done
  fail "provision: $name is not ready after $seconds s; see $DIR/server.log"
}

# answers URL: with a status below 400.
answers() { curl --silent --fail --max-time 2 --output /dev/null "$1"; }

# stop_server [SIGNAL]: default TERM; kills what is still there after ten seconds.
stop_server() {
  local pid waited
  [ -f "$DIR/pid" ] || return 0
  pid="$(cat "$DIR/pid")"
  # One that a test has stopped with SIGSTOP must wake up to end.
  kill "-${1:-TERM}" "$pid" 2>/dev/null && kill -CONT "$pid" 2>/dev/null || true
  for ((waited = 0; waited < 100; waited++)); do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  kill -9 "$pid" 2>/dev/null || true
  rm -f "$DIR/pid"
}

# debian_package PACKAGE WHAT-FOR: installed as root, told to others. RUNLEVEL=1 keeps its own service from starting.
debian_package() {
  command -v apt-get >/dev/null 2>&1 || fail "provision: $2 is missing; install it with your system's packages (Debian's is $1)"
  [ "$(id -u)" -eq 0 ] || fail "provision: $2 is missing; install it: sudo apt-get install $1"
  say "provision: installing Debian's $1"
  apt-get update -qq >&2
  RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" >&2
}

# find_java MIN WHAT-FOR: the one on the PATH or in JAVA_HOME, else the newest under the usual folder.
find_java() {
  local java version
  for java in "${JAVA_HOME:+$JAVA_HOME/bin/java}" "$(command -v java || true)" $(ls -d /usr/lib/jvm/*/bin/java 2>/dev/null | sort -rV); do
    [ -x "$java" ] || continue
    version="$("$java" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1)"
    if [ "${version:-0}" -ge "$1" ]; then
      printf '%s' "$java"
      return
    fi
  done
  fail "provision: Java $1 or newer is missing; $2 runs on it. Install one beside your Java, or name it in JAVA_HOME"
}
