#!/usr/bin/env bash
# Runs the examples of docs/testing, which show how a project in another language tests against the sandbox: those
# of Python with pytest and azure-batch, those of Node with @azure/batch. Says "skipped" and goes on where a
# language or its packages cannot be had.
set -euo pipefail
. "$(dirname "$0")/sandbox.sh"

build_command
export THUMBPRINT=$thumbprint PYTHONDONTWRITEBYTECODE=1

(
    make_venv python pytest azure-batch==14.2.0
    "$work/python/bin/python" -m pytest --quiet -p no:cacheprovider "$root/docs/testing/python"
)
(
    node -e '' 2>/dev/null || skip "there is no node"
    cp -r "$root/docs/testing/node" "$work/node"
    npm install --prefix "$work/node" --no-audit --no-fund --silent @azure/batch@10.2.0 >"$work/log" 2>&1 ||
        skip "@azure/batch cannot be installed: $(tail -n 1 "$work/log")"
    cd "$work/node"
    node --test
)
