# shellcheck shell=bash disable=SC2154
# The last line of progress of each, and that it is taken away behind itself, and
# before what the command has to say.
command -v script >/dev/null || { echo "script is not installed" >&2; exit 77; }
export TERM=xterm HVT_PROGRESS_MS=0 hvtrace
cp "$golden/boot_40000.hvt" boot.hvt
on_terminal() {
	script -qec "$1" /dev/null | tr '\r' '\n' | cat -v |
		sed -E 's/[0-9.]+ (thousand|million) a second/RATE/' |
		grep -E '^\^\[\[K|^hvtrace|sound' | tail -n "$2"
}
on_terminal "\"\$hvtrace\" verify boot.hvt" 3
on_terminal "\"\$hvtrace\" verify --quiet boot.hvt" 3
on_terminal "\"\$hvtrace\" info boot.hvt" 1
