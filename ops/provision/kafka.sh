#!/usr/bin/env bash
# A real Kafka on this machine, without Docker: one node or a small KRaft cluster, on 127.0.0.1 only.
#
#   kafka.sh start [--nodes N] [--dir DIR] [--port PORT] [--advertise PORT]
#                                                          starts what does not run yet, waits until it serves, prints
#                                                          the brokers; PORT is the first of N (default: free ones).
#                                                          --advertise, one node only: the port that clients are told to
#                                                          use, where something stands between (default: its own)
#                  [--secured yes]                         with one node: listeners with sign-in and TLS as well
#                                                          (kafka-security.sh); ports in DIR/node-1/{sasl,tls}-port
#   kafka.sh stop  [--dir DIR]                             stops all nodes; the data stays
#   kafka.sh fetch                                         only fetches the jars
#
# DIR (default: in the cache folder) keeps data, logs, ports and pids, one folder a node. A node that was killed is
# started again by the same `start`, on the same ports and data. For tests and for trying it out, not for production.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source "$(dirname "${BASH_SOURCE[0]}")/kafka-security.sh"

HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
VERSION='4.4.0'
LIBS="$CACHE/kafka-$VERSION/libs"
READY_SECONDS=120

# Java 17 or newer: the one on the PATH, or the newest under the usual folder.
find_java() {
  local java version
  for java in "${JAVA_HOME:+$JAVA_HOME/bin/java}" "$(command -v java || true)" $(ls -d /usr/lib/jvm/*/bin/java 2>/dev/null | sort -rV); do
    [ -x "$java" ] || continue
    version="$("$java" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1)"
    if [ "${version:-0}" -ge 17 ]; then
      printf '%s' "$java"
      return
    fi
  done
  fail "provision: Java 17 or newer is missing; Kafka runs on it. Debian: apt-get install default-jre-headless"
}

fetch() {
  [ -f "$LIBS/.complete" ] && return
  need mvn "fetching Kafka $VERSION" 'Debian: apt-get install maven'
  say "provision: fetching Kafka $VERSION (45 jars, 43 MB)"
  mkdir -p "$LIBS"
  mvn -B -q -f "$HERE/kafka-pom.xml" -Dkafka.version="$VERSION" dependency:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$LIBS" >&2 ||
    fail "provision: Maven could not fetch Kafka $VERSION; the reason is above. Behind a mirror, name it in Maven's settings.xml"
  touch "$LIBS/.complete"
}

# free_ports COUNT: that many TCP ports that nobody uses now.
free_ports() {
  node -e '
    const net = require("node:net")
    const servers = Array.from({ length: Number(process.argv[1]) }, () => net.createServer().listen(0, "127.0.0.1"))
    Promise.all(servers.map((s) => new Promise((done) => s.once("listening", done)))).then(() => {
      console.log(servers.map((s) => s.address().port).join(" "))
      for (const s of servers) s.close()
    })' "$1"
}

# Ports, identity and an empty data folder for each node; done once for a DIR.
configure() {
  [ -f "$DIR/cluster" ] && return
  local java="$1" ports cluster voters='' node port replicas option scram=()
  # shellcheck disable=SC2207
  ports=($(free_ports $((2 * NODES + 2))))
  replicas=$((NODES < 3 ? NODES : 3))
  for ((node = 1; node <= NODES; node++)); do
    voters+="${voters:+,}$node@127.0.0.1:${ports[$((NODES + node - 1))]}"
  done
  cluster="$("$java" -cp "$LIBS/*" kafka.tools.StorageTool random-uuid)"
  for ((node = 1; node <= NODES; node++)); do
    port="${ports[$((node - 1))]}"
    [ "$PORT" -eq 0 ] || port=$((PORT + node - 1))
    mkdir -p "$DIR/node-$node"
    printf '%s\n' "$port" >"$DIR/node-$node/port"
    write_properties "$node" "$port" "${ports[$((NODES + node - 1))]}" "$voters" "$replicas" >"$DIR/node-$node/server.properties"
    if [ "$SECURED" = yes ]; then
      secure_cluster
      printf '%s\n' "${ports[2]}" >"$DIR/node-1/sasl-port" && printf '%s\n' "${ports[3]}" >"$DIR/node-1/tls-port"
      secured_properties "$port" "${ports[1]}" "${ports[2]}" "${ports[3]}" >>"$DIR/node-$node/server.properties"
      while IFS= read -r option; do scram+=("$option"); done < <(scram_options)
    fi
    "$java" -cp "$LIBS/*" kafka.tools.StorageTool format --cluster-id "$cluster" ${scram[@]+"${scram[@]}"} \
      --config "$DIR/node-$node/server.properties" >"$DIR/node-$node/format.log" 2>&1 ||
      fail "provision: Kafka could not format $DIR/node-$node: $(tail -n 3 "$DIR/node-$node/format.log")"
  done
  printf '%s\n' "$cluster" >"$DIR/cluster"
}

advertised() { if [ "$ADVERTISE" -eq 0 ]; then echo "$1"; else echo "$ADVERTISE"; fi; }

# write_properties NODE BROKER-PORT CONTROLLER-PORT VOTERS REPLICAS
write_properties() {
  cat <<PROPERTIES
process.roles=broker,controller
node.id=$1
controller.quorum.voters=$4
listeners=PLAINTEXT://127.0.0.1:$2,CONTROLLER://127.0.0.1:$3
advertised.listeners=PLAINTEXT://127.0.0.1:$(advertised "$2")
controller.listener.names=CONTROLLER
log.dirs=$DIR/node-$1/data
auto.create.topics.enable=false
default.replication.factor=$5
offsets.topic.replication.factor=$5
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=$5
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=$5
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
PROPERTIES
}

runs() { [ -f "$DIR/node-$1/pid" ] && kill -0 "$(cat "$DIR/node-$1/pid")" 2>/dev/null; }

# A node outlives this script: a lock or a pipe of the caller's that it kept open would never be let go.
close_inherited() {
  local fd
  for fd in $(ls "/proc/$BASHPID/fd" 2>/dev/null || echo 3 4 5 6 7 8 9); do
    [ "$fd" -le 2 ] || eval "exec $fd>&-"
  done
}

start_node() {
  local node="$1" java="$2" folder="$DIR/node-$1"
  if runs "$node"; then return; fi
  : >"$folder/server.log"
  (
    close_inherited
    # Small and quick to start rather than fast: it shares the machine with what is tested.
    exec $(command -v setsid) nohup "$java" "-Xmx${KAFKA_HEAP_MB:-512}m" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
      -cp "$LIBS/*" "-Dlog4j2.configurationFile=$HERE/kafka-log4j2.properties" \
      kafka.Kafka "$folder/server.properties" >"$folder/server.log" 2>&1 </dev/null
  ) &
  printf '%s\n' "$!" >"$folder/pid"
}

await_node() {
  local node="$1" waited
  for ((waited = 0; waited < READY_SECONDS * 5; waited++)); do
    grep -q 'Kafka Server started' "$DIR/node-$node/server.log" && return
    runs "$node" || fail "provision: Kafka node $node ended: $(tail -n 5 "$DIR/node-$node/server.log") (all of it: $DIR/node-$node/server.log)"
    sleep 0.2
  done
  fail "provision: Kafka node $node is not ready after $READY_SECONDS s; see $DIR/node-$node/server.log"
}

start() {
  local java node brokers=''
  java="$(find_java)"
  once "kafka-$VERSION" fetch
  mkdir -p "$DIR"
  configure "$java"
  for folder in "$DIR"/node-*; do start_node "${folder##*-}" "$java"; done
  for folder in "$DIR"/node-*; do
    await_node "${folder##*-}"
    brokers+="${brokers:+,}127.0.0.1:$(cat "$folder/port")"
  done
  printf '%s\n' "$brokers"
}

stop() {
  local folder pid
  for folder in "$DIR"/node-*; do
    [ -f "$folder/pid" ] || continue
    pid="$(cat "$folder/pid")"
    # A node that a test has stopped with SIGSTOP must wake up to end.
    kill "$pid" 2>/dev/null && kill -CONT "$pid" 2>/dev/null || true
  done
  for folder in "$DIR"/node-*; do
    [ -f "$folder/pid" ] || continue
    pid="$(cat "$folder/pid")"
    for ((waited = 0; waited < 100; waited++)); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
    # Three nodes that stop at one time can't hand over their partitions: the last ones wait for ever.
    kill -9 "$pid" 2>/dev/null || true
    rm -f "$folder/pid"
  done
}

COMMAND="${1:-}"
[ $# -gt 0 ] && shift
NODES=1 DIR="$CACHE/kafka-data" PORT=0 ADVERTISE=0 SECURED=no
while [ $# -gt 0 ]; do
  case "$1" in
    --nodes) NODES="$2" ;;
    --dir) DIR="$2" ;;
    --port) PORT="$2" ;;
    --advertise) ADVERTISE="$2" ;;
    --secured) SECURED="$2" ;;
    *) fail "provision: unknown option $1; --nodes, --dir, --port, --advertise and --secured are known" ;;
  esac
  shift 2
done

[ "$SECURED" = no ] || [ "$NODES" -eq 1 ] || fail 'provision: --secured yes goes with one node'

case "$COMMAND" in
  start) start ;;
  stop) stop ;;
  fetch) once "kafka-$VERSION" fetch ;;
  *) fail "usage: kafka.sh start|stop|fetch [--nodes N] [--dir DIR] [--port PORT] [--advertise PORT] [--secured yes]" ;;
esac
