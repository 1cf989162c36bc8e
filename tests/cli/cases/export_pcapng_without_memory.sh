# shellcheck shell=bash disable=SC2154
"$hvtrace" export --to pcapng -o frames.pcapng "$hello"
status=$?
[[ ! -e frames.pcapng ]] || echo "a file was made"
exit $status
