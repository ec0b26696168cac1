#!/usr/bin/env bash
# Drives the sandbox with the vendor's own Python SDK, in the two last versions that have certificates: makes a
# venv in a folder of its own, installs azure-batch into it, starts `thumbprint sandbox` on a free port, runs
# azure_batch_sdk.py. Says "skipped" and succeeds where Python, pip or the package cannot be had.
set -euo pipefail
. "$(dirname "$0")/sandbox.sh"

for version in 14.1.0 14.2.0; do
    make_venv "$version" "azure-batch==$version"
    start_sandbox
    echo "azure-batch $version:"
    "$work/$version/bin/python" "$tests/azure_batch_sdk.py" "$url"
    stop_sandbox
done
