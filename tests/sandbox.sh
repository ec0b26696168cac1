# Sourced by the scripts that drive `thumbprint sandbox` with other people's clients. It gives them a folder
# of their own, $work, that goes when they end, and the sandbox with it.

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$tests")
work=$(mktemp -d)
sandbox=
url=
trap '[ "$BASHPID" != "$$" ] || { stop_sandbox; rm -rf "$work"; }' EXIT

skip() {
    echo "skipped: $1"
    exit 0
}

# Sets $python to one that runs: a shim of a version manager can be there without a Python behind it.
find_python() {
    for python in python3.11 python3; do
        ! "$python" -c '' 2>/dev/null || return 0
    done
    skip "there is no python3"
}

# Makes the venv $work/NAME with packages in it.
make_venv() {
    find_python
    "$python" -m venv "$work/$1" >"$work/log" 2>&1 || skip "python3 cannot make a venv: $(tail -n 1 "$work/log")"
    "$work/$1/bin/python" -m pip install --quiet --disable-pip-version-check "${@:2}" >"$work/log" 2>&1 ||
        skip "${*:2} cannot be installed: $(tail -n 1 "$work/log")"
}

# Builds the command, and sets $thumbprint to it.
build_command() {
    cargo build --quiet --manifest-path "$root/Cargo.toml" -p thumbprint-cli
    thumbprint=${CARGO_TARGET_DIR:-$root/target}/debug/thumbprint
}

# Starts a sandbox on a free port, with these arguments, and sets $url.
start_sandbox() {
    build_command
    "$thumbprint" sandbox --listen 127.0.0.1:0 "$@" >"$work/sandbox" 2>&1 &
    sandbox=$!
    for _ in $(seq 100); do
        url=$(sed -n 's/^listening on \(http[^ ]*\).*/\1/p' "$work/sandbox")
        [ -z "$url" ] || return 0
        kill -0 "$sandbox" 2>/dev/null || break
        sleep 0.1
    done
    echo "the sandbox did not start:" >&2
    cat "$work/sandbox" >&2
    exit 1
}

# By its id: nobody else's sandbox is of our concern.
stop_sandbox() {
    [ -z "$sandbox" ] || { kill "$sandbox" 2>/dev/null || true; wait "$sandbox" 2>/dev/null || true; }
    sandbox=
}
