# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Completion of dmabuf-ctl's command lines in bash. The program has this text inside
# and prints it behind _dmabuf_ctl_table(), which it makes from its own tables: what
# there is for a key, such as list.options. Needs bash and nothing else.

# What processes have open of such buffers, as PID:FD.
_dmabuf_ctl_fds()
{
	grep -ls '^exp_name:.dmabuf-heap' /proc/[0-9]*/fdinfo/* |
		sed -E 's,/proc/([0-9]+)/fdinfo/([0-9]+),\1:\2,'
}

# _dmabuf_ctl_list COMMAND VALUE: columns, the last of a list with commas.
_dmabuf_ctl_list()
{
	local last=${2##*[,+]} column

	for column in $(_dmabuf_ctl_table "$1.columns"); do
		[[ $column != "${last^^}"* ]] || echo "${2%"$last"}$column"
	done
}

# _dmabuf_ctl_values PROGRAM COMMAND KIND VALUE: what VALUE can become, a line each.
# KIND is what --help calls it; a word in small letters stands for itself.
_dmabuf_ctl_values()
{
	local sign='' column=${4^^}

	case $3 in
	COLUMN,...) _dmabuf_ctl_list "$2" "$4" ;;
	COLUMN)
		[[ $4 != -* ]] || sign=-
		compgen -P "$sign" -W "$(_dmabuf_ctl_table "$2.columns")" -- "${column#-}"
		;;
	DEVICE)
		compgen -W "$(compgen -G '/dev/video[0-9]*'
			compgen -G '/dev/dri/card[0-9]*'
			compgen -G '/dev/dri/renderD[0-9]*')" -- "$4"
		;;
	BUFFER | ID)
		compgen -W "$("$1" list -o ID --noheadings --raw 2>/dev/null
			_dmabuf_ctl_fds)" -- "$4"
		;;
	PID:FD) compgen -W "$(_dmabuf_ctl_fds)" -- "$4" ;;
	PID) compgen -W "$("$1" list -o PID --noheadings --raw 2>/dev/null | grep '[0-9]' | sort -u)" -- "$4" ;;
	USER) compgen -u -- "$4" ;;
	COMMAND) compgen -c -- "$4" | sort -u ;;
	FILE) compgen -f -- "$4" ;;
	[a-z]*) compgen -W "$3" -- "$4" ;;
	esac
}

# Sets words to those of the command line up to the cursor: readline has cut them at
# each : and =.
_dmabuf_ctl_join()
{
	local word glue=''

	words=()
	for word in "${COMP_WORDS[@]:0:COMP_CWORD + 1}"; do
		if [[ ${#words[@]} -gt 0 && $word =~ ^[:=]+$ ]]; then
			words[-1]+=$word
			glue=yes
		elif [ -n "$glue" ]; then
			words[-1]+=$word
			glue=''
		else
			words+=("$word")
		fi
	done
}

# Goes through the words between the command and the last one: sets option to the one
# that the last word is the value of, operands to how many there are, and ended where no
# option can follow.
_dmabuf_ctl_read()
{
	local command=$1 word

	option='' operands=0 ended=''
	for word in "${words[@]:2:${#words[@]} - 3}"; do
		if [ -n "$option" ]; then
			option=''
		elif [[ -n $ended || $word != -?* ]]; then
			operands=$((operands + 1))
			[[ $(_dmabuf_ctl_table "$command.operands") != COMMAND ]] || ended=yes
		elif [ "$word" = -- ]; then
			ended=yes
		elif [[ $word != --* ]]; then
			option=-${word: -1}
		else
			option=$word
		fi
		# One that takes no value is done with; --option=value has it.
		[ -n "$(_dmabuf_ctl_table "$command.$option")" ] || option=''
	done
}

# _dmabuf_ctl_reply PROGRAM COMMAND WORD: what the last word of a command can become.
_dmabuf_ctl_reply()
{
	local option operands ended
	local -a kinds

	_dmabuf_ctl_read "$2"
	if [ -n "$option" ]; then
		_dmabuf_ctl_values "$1" "$2" "$(_dmabuf_ctl_table "$2.$option")" "$3"
	elif [[ -z $ended && $3 == --*=* ]]; then
		option=${3%%=*}
		_dmabuf_ctl_values "$1" "$2" "$(_dmabuf_ctl_table "$2.$option")" "${3#*=}" |
			sed "s,^,$option=,"
	elif [[ -z $ended && $3 == -* ]]; then
		compgen -W "$(_dmabuf_ctl_table "$2.options")" -- "$3"
	else
		read -ra kinds <<<"$(_dmabuf_ctl_table "$2.operands")"
		_dmabuf_ctl_values "$1" "$2" "${kinds[operands]:-${ended:+FILE}}" "$3"
	fi
}

_dmabuf_ctl()
{
	local -a words
	local last kept

	_dmabuf_ctl_join
	last=${words[-1]}
	# Of the last word readline replaces only what is behind the last cut.
	kept=${COMP_WORDS[COMP_CWORD]}
	[[ ! $kept =~ ^[:=]+$ ]] || kept=''
	kept=${last%"$kept"}
	if [ ${#words[@]} -le 2 ]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_dmabuf_ctl_table commands)" -- "$last")
	else
		mapfile -t COMPREPLY < <(_dmabuf_ctl_reply "$1" "${words[1]}" "$last")
	fi
	COMPREPLY=("${COMPREPLY[@]#"$kept"}")
	# After a column there may come a comma.
	[[ " $(_dmabuf_ctl_table "${words[1]}.columns") " != *" ${COMPREPLY[0]##*[,+=]} "* ]] ||
		compopt -o nospace 2>/dev/null
}

complete -F _dmabuf_ctl dmabuf-ctl
