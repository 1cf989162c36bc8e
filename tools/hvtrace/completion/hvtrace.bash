# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Completion of hvtrace for bash. Commands and options are asked of hvtrace.

_hvtrace_commands() {
	"$1" --help 2>/dev/null | sed -nE 's/^  ([a-z]+) .*/\1/p'
}

# _hvtrace_options HVTRACE COMMAND: those of its usage and those explained.
_hvtrace_options() {
	"$1" "$2" --help 2>/dev/null |
		sed -nE '/^(usage:|      ) hvtrace/p;s/^ {2}(-[a-zA-Z], )?(--[a-z-]+).*/\2/p' |
		grep -oE -- '--[a-z][a-z-]+' | sort -u
	echo --help
}

_hvtrace() {
	local hvtrace=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]}
	local command=${COMP_WORDS[1]:-} before=${COMP_WORDS[COMP_CWORD - 1]} words
	COMPREPLY=()
	if [[ $COMP_CWORD -eq 1 || ($command == help && $COMP_CWORD -eq 2) ]]; then
		words=$(_hvtrace_commands "$hvtrace")
		mapfile -t COMPREPLY < <(compgen -W "$words help" -- "$word")
		return
	fi
	case $command$before in
	export--to) words='ctf perfetto json pcapng' ;;
	stat--by | top--by) words='exit class device address function pc vcpu thread' ;;
	record--memory) words='touched full none' ;;
	record--inputs | replay--inputs) words='all none' ;;
	*--color) words='auto always never' ;;
	*) words=
		[[ $word != -* ]] || words=$(_hvtrace_options "$hvtrace" "$command")
		;;
	esac
	if [[ $words ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
	else
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
	fi
}

complete -F _hvtrace hvtrace
