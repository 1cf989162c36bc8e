#!/usr/bin/env zsh
# SPDX-License-Identifier: MIT
# usage: zsh -f offered.zsh COMPLETION FOLDER TEXT
#
# Types TEXT and a tab in an interactive zsh, in FOLDER, that has the functions
# of the folder COMPLETION, and prints what is offered, a line each, sorted, and
# behind "=> " what the command line then is. FOLDER keeps zsh's list of
# functions for the next time.
zmodload zsh/zpty
export COMPLETION=$1 ZDOTDIR=$2 OFFERED=$2/.offered

cat >$ZDOTDIR/.zshrc <<'END'
PS1=
unsetopt auto_list auto_menu beep
fpath=($COMPLETION $fpath)
autoload -Uz compinit && compinit -u -d $ZDOTDIR/.zcompdump
# Calls with -A, -D or -O offer nothing: they only see what would match.
compadd() {
	local -a matches
	if [[ ${@[1,(i)(-|--)]} != *-[ADO]\ * ]]; then
		builtin compadd -O matches "$@"
		print -rl -- $matches >>$OFFERED
	fi
	builtin compadd "$@"
}
type_tab() {
	zle complete-word
	print -r -- "=> $BUFFER" >>$OFFERED
	zle -I
	print '<done>'
}
zle -N type_tab
bindkey '^I' type_tab
cd $ZDOTDIR
print '<ready>'
END

: >$OFFERED
zpty shell 'TERM=vt100 zsh -d -i'
zpty -r shell said '*<ready>*'
zpty -w -n shell "$3"$'\t'
zpty -r shell said '*<done>*'
zpty -d shell
grep -v '^=> ' $OFFERED | grep . | sort -u
grep '^=> ' $OFFERED
