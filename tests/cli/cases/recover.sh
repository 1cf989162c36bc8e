# shellcheck shell=bash disable=SC2154
# Twice: there is nothing left to do.
cp "$golden"/open.hvt* .
"$hvtrace" recover open.hvt
"$hvtrace" recover open.hvt
"$hvtrace" verify open.hvt
ls
