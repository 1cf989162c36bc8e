# shellcheck shell=bash disable=SC2154
cp "$golden/future_version.hvt" .
"$hvtrace" recover future_version.hvt
