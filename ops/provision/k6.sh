#!/usr/bin/env bash
# k6, the load generator, built from its source with Go: under three minutes on two cores, once.
#
#   k6.sh fetch   builds it when it is not there yet, prints the path of the binary
#   k6.sh path    prints the path of a k6 that is there already (cache folder, else PATH); fails when there is none
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

VERSION='1.8.1'
FOLDER="$CACHE/k6-$VERSION"

build() {
  [ -x "$FOLDER/k6" ] && return
  need go "building k6 $VERSION" 'Get Go 1.24 or newer from go.dev, or k6 itself from grafana.com/docs/k6 and put it on the PATH'
  say "provision: building k6 $VERSION (two to three minutes)"
  mkdir -p "$FOLDER"
  # Built aside and renamed: whoever looks meanwhile never sees half a binary.
  GOBIN="$FOLDER/building" CGO_ENABLED=0 go install "go.k6.io/k6@v$VERSION" >&2 ||
    fail "provision: Go could not build k6 $VERSION; the reason is above. Behind a mirror, set GOPROXY"
  mv "$FOLDER/building/k6" "$FOLDER/k6"
  rmdir "$FOLDER/building"
}

path() {
  if [ -x "$FOLDER/k6" ]; then printf '%s\n' "$FOLDER/k6"
  elif command -v k6 >/dev/null 2>&1; then command -v k6
  else fail 'provision: k6 is missing; get it with: ops/provision/k6.sh fetch'
  fi
}

case "${1:-}" in
  fetch)
    once "k6-$VERSION" build
    path
    ;;
  path) path ;;
  *) fail 'usage: k6.sh fetch|path' ;;
esac
