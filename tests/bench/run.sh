#!/usr/bin/env bash
# Instructions and allocations of a call, beside hand-written reqwest 0.13, by callgrind: the difference of a
# long and a short run, so that starting up does not count. Needs valgrind. Plain http over loopback.
set -euo pipefail
cd "$(dirname "$0")"
command -v valgrind >/dev/null || { echo "valgrind is missing; install the package of that name" >&2; exit 1; }
for package in server by-hand ours; do
    cargo build --quiet --release --package "bench-$package"
done
target="${CARGO_TARGET_DIR:-target}/release"
out="$(mktemp -d)"
server=""
trap 'kill $server 2>/dev/null || true; rm -rf "$out"' EXIT

# Instructions of one run.
count() {
    valgrind --tool=callgrind --callgrind-out-file="$out/callgrind" "$@" >/dev/null 2>&1
    awk '/^(summary|totals):/ { print $2; exit }' "$out/callgrind"
}

# Allocations of one run.
blocks() {
    valgrind --tool=dhat --dhat-out-file=/dev/null "$@" 2>&1 |
        awk '/Total:/ { gsub(",", ""); for (i = 1; i <= NF; i++) if ($i == "blocks") print $(i - 1) }'
}

printf '%-10s %9s %14s %14s %7s %8s %8s\n' scenario in-flight by-hand ours ratio allocs-h allocs-o
measure() {
    local scenario=$1 in_flight=$2 short=$3 long=$4
    exec 3< <("$target/bench-server" "$scenario")
    server=$!
    read -r port <&3
    local figures=()
    for program in by-hand ours; do
        local a b c d
        a="$(count "$target/bench-$program" "http://127.0.0.1:$port" "$scenario" "$short" "$in_flight")"
        b="$(count "$target/bench-$program" "http://127.0.0.1:$port" "$scenario" "$long" "$in_flight")"
        c="$(blocks "$target/bench-$program" "http://127.0.0.1:$port" "$scenario" "$short" "$in_flight")"
        d="$(blocks "$target/bench-$program" "http://127.0.0.1:$port" "$scenario" "$long" "$in_flight")"
        figures+=("$(((b - a) / (long - short)))" "$(((d - c) / (long - short)))")
    done
    kill "$server"
    printf '%-10s %9s %14s %14s %7s %8s %8s\n' "$scenario" "$in_flight" "${figures[0]}" "${figures[2]}" \
        "$(awk -v o="${figures[2]}" -v h="${figures[0]}" 'BEGIN { printf "%.3f", o / h }')" "${figures[1]}" "${figures[3]}"
}
measure cancel 1 200 1200
measure cancel 64 640 3840
measure conflict 1 200 1200
measure list 1 2 12
