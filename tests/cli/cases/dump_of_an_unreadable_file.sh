# shellcheck shell=bash disable=SC2154
cp "$hello" secret.hvt
chmod 0 secret.hvt
if [[ -r secret.hvt ]]; then
	echo "root reads all" >&2
	exit 77
fi
"$hvtrace" dump secret.hvt
