# shellcheck shell=bash disable=SC2154
# A VMM that does not end by itself, and Ctrl-C.
"$hvtrace" replay "$golden/boot_40000.hvt" -- sh -c 'touch started; exec sleep 100' &
until [[ -e started ]]; do sleep 0.1; done
kill -INT $!
wait $!
