# shellcheck shell=bash disable=SC2154
# What is no trace for it is told before anything is begun.
"$hvtrace" index
"$hvtrace" index --keyframe-interval 0 "$hello"
"$hvtrace" index missing.hvt
cp "$golden"/tiny.hvt "$golden"/open.hvt "$golden"/open.hvt.wal .
"$hvtrace" index open.hvt
"$hvtrace" index tiny.hvt
"$hvtrace" replay --from x tiny.hvt
"$hvtrace" replay --from 3 "$hello" -- true
"$hvtrace" dump --no-keyframes tiny.hvt
