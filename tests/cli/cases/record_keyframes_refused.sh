# shellcheck shell=bash disable=SC2154
# Before a VMM or the lab is started.
"$hvtrace" record --keyframe-interval 0 -- true
"$hvtrace" record --keyframe-interval many -- true
"$hvtrace" record --memory none --keyframe-interval 100 -- true
