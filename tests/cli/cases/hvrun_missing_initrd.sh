# shellcheck shell=bash disable=SC2154
# The kernel is looked at first: a head that passes for one.
{ head -c 56 /dev/zero; printf "ARMd"; head -c 70000 /dev/zero; } >Image
"$hvrun" --kernel Image --initrd missing
