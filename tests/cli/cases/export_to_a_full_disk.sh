# shellcheck shell=bash disable=SC2154
[[ -c /dev/full ]] || { echo "there is no /dev/full" >&2; exit 77; }
"$hvtrace" export --to perfetto -o /dev/full "$hello"
