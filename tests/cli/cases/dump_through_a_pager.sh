# shellcheck shell=bash disable=SC2154
# A pager is for terminals; this is one: script makes it.
command -v script >/dev/null || { echo "script is not installed" >&2; exit 77; }
export TERM=xterm PAGER="sed s/^/paged:/ | cat -v" hvtrace hello
script -qec "\"\$hvtrace\" dump --between 19 21 \"\$hello\"" /dev/null | tr -d "\r"
