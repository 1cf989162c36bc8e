# shellcheck shell=bash disable=SC2154
"$hvtrace" export --to json -o - --where "event<3" "$hello"
