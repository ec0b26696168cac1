#!/usr/bin/env bash
# Drives the sandbox with schemathesis, by the documents alone: values that they allow have to be taken, others refused, and
# answers have to be what they say. Builds the command, makes a venv in a folder of its own, installs schemathesis into
# it, starts `thumbprint sandbox` on a free port. Arguments go to schemathesis, such as `--seed 1 -n 1000`.
# Says "skipped" and succeeds where Python, pip or the package cannot be had.
set -euo pipefail

version=4.32.0
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")

skip() {
    echo "skipped: $1"
    exit 0
}

python=$(command -v python3.11 || command -v python3 || true)
[ -n "$python" ] || skip "there is no python3"
# A shim of a version manager can be there without a Python behind it.
"$python" -c '' 2>/dev/null || skip "$python does not run"

work=$(mktemp -d)
sandbox=
finish() {
    # By its id: other sandboxes are not ours.
    [ -z "$sandbox" ] || { kill "$sandbox" 2>/dev/null || true; wait "$sandbox" 2>/dev/null || true; }
    rm -rf "$work"
}
trap finish EXIT

"$python" -m venv "$work/venv" >"$work/log" 2>&1 || skip "python3 cannot make a venv: $(tail -n 1 "$work/log")"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check "schemathesis==$version" >"$work/log" 2>&1 ||
    skip "schemathesis $version cannot be installed: $(tail -n 1 "$work/log")"

cargo build --quiet --manifest-path "$root/Cargo.toml" -p thumbprint-cli
"${CARGO_TARGET_DIR:-$root/target}/debug/thumbprint" sandbox --listen 127.0.0.1:0 >"$work/sandbox" 2>&1 &
sandbox=$!

url=
for _ in $(seq 100); do
    url=$(sed -n 's/^listening on \(http[^ ]*\).*/\1/p' "$work/sandbox")
    [ -z "$url" ] || break
    kill -0 "$sandbox" 2>/dev/null || break
    sleep 0.1
done
if [ -z "$url" ]; then
    echo "the sandbox did not start:" >&2
    cat "$work/sandbox" >&2
    exit 1
fi

cd "$work"
failed=0
for document in batch wap; do
    PYTHONPATH="$here" SCHEMATHESIS_HOOKS=schemathesis_hooks "$work/venv/bin/st" run "$root/specs/$document.yaml" --url "$url" \
        --header "Authorization: Bearer none" --continue-on-failure --max-examples 150 "$@" || failed=1
done
exit "$failed"
