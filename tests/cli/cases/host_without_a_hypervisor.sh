# shellcheck shell=bash disable=SC2154
if [ "$(uname -m)" = aarch64 ]; then
	echo "this machine has one" >&2
	exit 77
fi
"$hvtrace" host
