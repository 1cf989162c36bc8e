# shellcheck shell=bash disable=SC2154
"$hvtrace" stat --by vcpu,color "$hello"
