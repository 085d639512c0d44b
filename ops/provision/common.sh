# What the provisioning scripts share: the cache folder, messages, and work that must not run twice at one time.
set -euo pipefail

# Everything that is fetched or built lies here, outside the repository; remove the folder to begin anew.
CACHE="${ECOMIND_PROVISION_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/ecomind-provision}"

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "$*"
  exit 1
}

# need COMMAND WHAT-FOR HOW-TO-GET-IT
need() {
  command -v "$1" >/dev/null 2>&1 || fail "provision: '$1' is missing; it is wanted for $2. $3"
}

# once NAME COMMAND...: one process at a time; others wait and then find the work done.
once() {
  local name="$1"
  shift
  mkdir -p "$CACHE/locks"
  if command -v flock >/dev/null 2>&1; then
    (
      flock 9
      "$@"
    ) 9>"$CACHE/locks/$name"
  else
    "$@"
  fi
}
