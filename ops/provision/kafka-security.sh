# Listeners with sign-in for kafka.sh --secured yes: beside the plain one, SASL_PLAINTEXT and SASL_SSL on two more ports.
# Sourced by it. Who may sign in: ecomind, by PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512, with the password in DIR/password.
# DIR/tls has the authority (ca.pem) and a certificate for clients (client.pem, client.key); none of it outlives DIR.

# secure_cluster: a password, an authority and two certificates, once for a DIR.
secure_cluster() {
  need openssl 'certificates of a secured Kafka' 'Debian: apt-get install openssl'
  mkdir -p "$DIR/tls"
  (
    umask 077
    openssl rand -hex 16 >"$DIR/password"
    cd "$DIR/tls"
    openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj '/CN=Ecomind test authority' -keyout ca.key -out ca.pem 2>/dev/null
    certificate server '/CN=127.0.0.1' && certificate client '/CN=ecomind'
    cat server.key server.pem >server-chain.pem
  )
}

# certificate NAME SUBJECT: in the working directory, signed by its authority, good for 127.0.0.1.
certificate() {
  openssl req -newkey rsa:2048 -nodes -subj "$2" -keyout "$1.key" -out "$1.csr" 2>/dev/null
  printf 'subjectAltName=IP:127.0.0.1\n' >"$1.ext"
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile "$1.ext" -out "$1.pem" 2>/dev/null
}

# secured_properties PLAIN-PORT CONTROLLER-PORT SASL-PORT TLS-PORT: lines behind those of write_properties, which they override.
secured_properties() {
  local password
  password="$(cat "$DIR/password")"
  cat <<PROPERTIES
listeners=PLAINTEXT://127.0.0.1:$1,CONTROLLER://127.0.0.1:$2,SASL_PLAINTEXT://127.0.0.1:$3,SASL_SSL://127.0.0.1:$4
advertised.listeners=PLAINTEXT://127.0.0.1:$1,SASL_PLAINTEXT://127.0.0.1:$3,SASL_SSL://127.0.0.1:$4
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
$(for listener in sasl_plaintext sasl_ssl; do
    printf 'listener.name.%s.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_ecomind="%s";\n' "$listener" "$password"
    for mechanism in scram-sha-256 scram-sha-512; do
      printf 'listener.name.%s.%s.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;\n' "$listener" "$mechanism"
    done
  done)
ssl.keystore.type=PEM
ssl.keystore.location=$DIR/tls/server-chain.pem
ssl.truststore.type=PEM
ssl.truststore.location=$DIR/tls/ca.pem
listener.name.sasl_ssl.ssl.client.auth=requested
PROPERTIES
}

# scram_options: for the tool that formats a node.
scram_options() {
  local mechanism
  for mechanism in SCRAM-SHA-256 SCRAM-SHA-512; do
    printf -- '--add-scram\n%s=[name=ecomind,password=%s]\n' "$mechanism" "$(cat "$DIR/password")"
  done
}
