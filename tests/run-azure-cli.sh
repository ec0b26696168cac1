#!/usr/bin/env bash
# Drives the sandbox with `az batch certificate` of the Azure CLI, by the key of an account: makes a venv in a
# folder of its own and installs azure-cli, which is large, into it. Says "skipped" and succeeds where Python, pip
# or the package cannot be had. AZ=COMMAND takes an Azure CLI that is there already.
set -euo pipefail
. "$(dirname "$0")/sandbox.sh"

version=2.60.0
az=${AZ:-}
if [ -z "$az" ]; then
    make_venv az "azure-cli==$version"
    az=$work/az/bin/az
fi
find_python
export AZURE_CONFIG_DIR=$work/config AZURE_CORE_COLLECT_TELEMETRY=no AZURE_CORE_ONLY_SHOW_ERRORS=yes

start_sandbox --deletion-time 0
account=(--account-name myaccount --account-key MDEyMzQ1Njc4OWFiY2RlZg== --account-endpoint "$url" --output json)
failed=0123456789abcdef0123456789abcdef01234567
added=00112233445566778899aabbccddeeff00112233
checks=0

certificate() { "$az" batch certificate "$@" "${account[@]}" 2>"$work/stderr"; }

fail() {
    echo "failed: $1" >&2
    cat "$work/stderr" >&2
    exit 1
}

# check WHAT EXPECTED FOUND
check() {
    checks=$((checks + 1))
    [ "$2" = "$3" ] || fail "$1: expected $2, found $3"
}

# Of JSON on stdin, what a Python expression makes of it as `it`.
json() { "$python" -c "import json, sys; it = json.load(sys.stdin); print($1)"; }

# refused WHAT MESSAGE ARGUMENTS.. : the CLI shows the message, and not the code.
refused() {
    checks=$((checks + 1))
    ! certificate "${@:3}" >/dev/null || fail "$1: it was not refused"
    grep -q "$2" "$work/stderr" || fail "$1: it was not refused with $2"
}

# The file has to end in .cer; the sandbox does not look into it.
printf certificate >"$work/new.cer"
check "create" "$added active" \
    "$(certificate create --thumbprint "$added" --certificate-file "$work/new.cer" | json 'it["thumbprint"], it["state"]' | tr -d "(),'")"
refused "create again" "certificate already exists" create --thumbprint "$added" --certificate-file "$work/new.cer"
check "show" Y2VydGlmaWNhdGU= "$(certificate show --thumbprint "$added" | json 'it["publicData"]')"
refused "show of nothing" "certificate does not exist" show --thumbprint "${added//0/f}"
check "list" True "$(certificate list | json "'$added' in [one['thumbprint'] for one in it]")"
check "list, filtered" "['$failed']" "$(certificate list --filter "state eq 'deletefailed'" | json "[one['thumbprint'] for one in it]")"
certificate delete --abort --yes --thumbprint "$failed" >/dev/null || fail "delete --abort"
check "delete --abort" active "$(certificate show --thumbprint "$failed" | json 'it["state"]')"
refused "delete --abort again" "certificate is active" delete --abort --yes --thumbprint "$failed"
certificate delete --yes --thumbprint "$added" >/dev/null || fail "delete"
refused "delete: the end" "certificate does not exist" show --thumbprint "$added"
certificate delete --yes --thumbprint "$failed" >/dev/null || fail "delete, used by a pool"
check "delete, used by a pool: the end" deletefailed "$(certificate show --thumbprint "$failed" | json 'it["state"]')"
echo "ok: az batch certificate speaks with the sandbox, $checks checks"
