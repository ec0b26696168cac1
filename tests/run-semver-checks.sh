#!/usr/bin/env bash
# Says what of the crates that users build would break their programs since a revision of git, by cargo-semver-checks:
# tests/run-semver-checks.sh REV. Says "skipped" where it is not installed.
set -euo pipefail
cd "$(dirname "$0")/.."
revision=${1:?name a revision of git to compare with, such as HEAD~1}

cargo semver-checks --version >/dev/null 2>&1 || {
    echo "skipped: there is no cargo-semver-checks; cargo install cargo-semver-checks --locked"
    exit 0
}
cargo semver-checks --baseline-rev "$revision" --only-explicit-features \
    --package thumbprint --package thumbprint-transport --package thumbprint-batch --package thumbprint-wap \
    --package thumbprint-files --package thumbprint-wstrust --package thumbprint-sandbox
