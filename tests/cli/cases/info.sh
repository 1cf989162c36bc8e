# shellcheck shell=bash disable=SC2154
# The size is that of what zstd made of it.
"$hvtrace" info "$hello" | sed -E "s/^(size +)[0-9]+/\1N/"
