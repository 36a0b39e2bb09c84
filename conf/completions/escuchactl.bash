# bash: completion of escuchactl and escuchad.
#
# What there is to choose from the programs say themselves: commands and options by --help, names of sources by asking the
# daemon, names of topics, rules and patterns by reading the rules. So nothing here can grow old.

# The option column of a help text on standard input: "-n, --lines N", one a line.
_escuchad_options() {
	sed -n -e 's/^  *\(-.*\)/\1/p' | sed -e 's/   *.*//'
}

# What a help's line says of the value behind option $1: "FILE", "es|en"; nothing where it takes none.
_escuchad_value() {
	_escuchad_options | sed -n -e "s/^\(.*, \)\{0,1\}$1\(, --[a-z-]*\)\{0,1\} \([^ ,].*\)/\3/p"
}

# Completes the value of option $1, of which the help on standard input says what it is; false where it takes none.
_escuchad_complete_value() {
	local value
	value=$(_escuchad_value "$1")
	case $1:$value in
	*:) return 1 ;;
	--state:* | -s:*) mapfile -t COMPREPLY < <(compgen -W 'ok new failing gone' -- "$cur") ;;
	*'|'*) mapfile -t COMPREPLY < <(compgen -W "${value//|/ }" -- "$cur") ;;
	*:TOPIC | *:TEMA) mapfile -t COMPREPLY < <(compgen -W "$(_escuchactl_names topic)" -- "$cur") ;;
	*:FILE* | *:ARCHIVO* | *:PATH* | *:RUTA*)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		;;
	esac
}

_escuchactl_sources() {
	"$program" sources --json "${where[@]}" 2>/dev/null | sed -n -e 's/^{"name":"\([^"]*\)".*/\1/p' | head -n 1000
}

# The names that the rules have, of $1: topic, pattern or rule.
_escuchactl_names() {
	local -a ask=(--patterns)
	[[ $1 == rule ]] && ask=(.)
	"$program" why "${ask[@]}" --json "${where[@]}" "${rules[@]}" 2>/dev/null |
		grep -oE "\"$1\":\"[a-z0-9_-]+\"" | cut -d'"' -f4 | sort -u | head -n 1000
}

_escuchactl() {
	local program=${COMP_WORDS[0]} cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command='' i help
	local -a where=() rules=() words=()

	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-c | --config | --socket)
			((i + 1 < COMP_CWORD)) && where+=("${COMP_WORDS[i]}" "${COMP_WORDS[i + 1]}")
			((i++))
			;;
		-r | --rules)
			((i + 1 < COMP_CWORD)) && rules+=("${COMP_WORDS[i]}" "${COMP_WORDS[i + 1]}")
			((i++))
			;;
		-t | --topic) ((i++)) ;;
		-*) words+=("${COMP_WORDS[i]}") ;;
		*) [[ $command ]] && words+=("${COMP_WORDS[i]}") || command=${COMP_WORDS[i]} ;;
		esac
	done
	help=$("$program" "${command:-status}" --help 2>/dev/null) || return
	if [[ $prev == -* ]] && _escuchad_complete_value "$prev" <<<"$help"; then
		return
	fi
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_escuchad_options <<<"$help" | grep -oE -- '--?[A-Za-z][a-z-]*')" -- "$cur")
		return
	fi
	case $command in
	'' | help) mapfile -t COMPREPLY < <(compgen -W "$("$program" --help 2>/dev/null | sed -n -e 's/^  \([a-z][a-z-]*\) .*/\1/p')" -- "$cur") ;;
	packs | platforms) mapfile -t COMPREPLY < <(compgen -W "$("${COMP_WORDS[0]}" "$command" 2>/dev/null | cut -d' ' -f1)" -- "$cur") ;;
	poll | try | sources | coverage) mapfile -t COMPREPLY < <(compgen -W "$(_escuchactl_sources)" -- "$cur") ;;
	why)
		case " ${words[*]} " in
		*' --patterns '* | *' -p '*) i=pattern ;;
		*) i=rule ;;
		esac
		[[ $i == pattern || ${#words[@]} == 1 ]] && mapfile -t COMPREPLY < <(compgen -W "$(_escuchactl_names $i)" -- "$cur")
		;;
	init)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		;;
	parse | match | backup)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		;;
	esac
}

_escuchad() {
	local program=${COMP_WORDS[0]} cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} help

	COMPREPLY=()
	help=$("$program" --help 2>/dev/null) || return
	if [[ $prev == -* ]] && _escuchad_complete_value "$prev" <<<"$help"; then
		return
	fi
	mapfile -t COMPREPLY < <(compgen -W "$(grep -oE -- '(^|[ [,])--?[a-z][a-z-]*' <<<"$help" | tr -d ' [,')" -- "$cur")
}

complete -F _escuchactl escuchactl
complete -F _escuchad escuchad
