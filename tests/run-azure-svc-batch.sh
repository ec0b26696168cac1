#!/usr/bin/env bash
# Drives the sandbox with the other Rust client, azure_svc_batch 0.21.0: builds azure_svc_batch/ in a folder of its
# own, which takes minutes, and runs it. Says "skipped" and succeeds where the package cannot be had.
# AZURE_SVC_BATCH_TARGET=FOLDER keeps what is built for the next time.
set -euo pipefail
. "$(dirname "$0")/sandbox.sh"

cp -r "$tests/azure_svc_batch" "$work/client"
cd "$work/client"
cargo fetch --quiet >"$work/log" 2>&1 || skip "azure_svc_batch cannot be fetched: $(tail -n 1 "$work/log")"
client=${AZURE_SVC_BATCH_TARGET:-$work/target}
CARGO_TARGET_DIR=$client cargo build --quiet
cd "$root"
start_sandbox --deletion-time 0
"$client/debug/azure-svc-batch-client" "$url"
