#!/usr/bin/env bash
# Drives the sandbox with schemathesis, by the documents alone: values that they allow have to be taken, others refused, and
# answers have to be what they say. Makes a venv in a folder of its own, installs schemathesis into it, starts
# `thumbprint sandbox` on a free port. Arguments go to schemathesis, such as `--seed 1 -n 1000`.
# Says "skipped" and succeeds where Python, pip or the package cannot be had.
set -euo pipefail
. "$(dirname "$0")/sandbox.sh"

make_venv venv schemathesis==4.32.0
start_sandbox --strict

cd "$work"
failed=0
for document in batch wap; do
    PYTHONPATH="$tests" SCHEMATHESIS_HOOKS=schemathesis_hooks "$work/venv/bin/st" run "$root/specs/$document.yaml" --url "$url" \
        --header "Authorization: Bearer none" --continue-on-failure --max-examples 150 "$@" || failed=1
done
exit "$failed"
