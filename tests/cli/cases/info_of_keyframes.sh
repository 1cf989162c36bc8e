# shellcheck shell=bash disable=SC2154
"$hvtrace" info "$golden/keyframes.hvt" | grep -E '^(level|keyframes|threads)'
"$hvtrace" info --json "$golden/keyframes.hvt" | grep -oE '"keyframe[a-z_]*":[0-9]*'
"$hvtrace" info --json "$golden/hello.hvt" | grep -oE '"keyframe[a-z_]*":[a-z0-9]*'
