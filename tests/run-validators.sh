#!/usr/bin/env bash
# Reads the documents with validators that know nothing of the project: openapi-spec-validator, by the schema of OpenAPI
# itself, and Spectral, by its rules for OpenAPI and ours in spectral.yaml. Installs both into a folder of its own.
# Says "skipped" where one cannot be had, and fails on any error or warning.
set -euo pipefail
. "$(dirname "$0")/sandbox.sh"

documents=("$root"/specs/{admin,batch,wap}.yaml)

(
    make_venv venv openapi-spec-validator==0.9.0
    "$work/venv/bin/python" -m openapi_spec_validator "${documents[@]}"
)

command -v npm >/dev/null || skip "there is no npm"
npm install --silent --no-fund --no-audit --prefix "$work/node" @stoplight/spectral-cli@6.16.0 >"$work/log" 2>&1 ||
    skip "Spectral cannot be installed: $(tail -n 1 "$work/log")"
"$work/node/node_modules/.bin/spectral" lint --ruleset "$tests/spectral.yaml" --fail-severity warn "${documents[@]}"
