#!/usr/bin/env bash
# Drives the sandbox with the vendor's SDK for JavaScript: installs @azure/batch into a folder of its own, starts
# `thumbprint sandbox` on a free port, runs azure_batch_js.cjs. Says "skipped" and succeeds where Node, npm or the
# package cannot be had.
set -euo pipefail
. "$(dirname "$0")/sandbox.sh"

version=10.2.0
node -e '' 2>/dev/null || skip "there is no node"
npm --version >/dev/null 2>&1 || skip "there is no npm"
npm install --prefix "$work" --no-audit --no-fund --silent "@azure/batch@$version" >"$work/log" 2>&1 ||
    skip "@azure/batch $version cannot be installed: $(tail -n 1 "$work/log")"

start_sandbox
NODE_PATH=$work/node_modules node "$tests/azure_batch_js.cjs" "$url"
