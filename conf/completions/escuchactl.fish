# fish: completion of escuchactl.
#
# What there is to choose from the program says itself: commands and options by --help, names of sources by asking the
# daemon, names of topics, rules and patterns by reading the rules. So nothing here can grow old.

function __escuchactl_command
	set -l words (commandline -opc)
	set -l skip 0
	for word in $words[2..-1]
		if test $skip = 1
			set skip 0
		else if contains -- $word -c --config --socket -r --rules -t --topic
			set skip 1
		else if not string match -q -- '-*' $word
			echo $word
			return
		end
	end
end

function __escuchactl_commands
	escuchactl --help 2>/dev/null | string replace -rf '^  ([a-z][a-z-]*) .*?  +(.*)' '$1\t$2'
end

function __escuchactl_options
	set -l command (__escuchactl_command)
	test -n "$command"; or set command status
	for line in (escuchactl $command --help 2>/dev/null | string replace -rf '^ +(-.*)' '$1')
		set -l text (string replace -rf '^.*?   *(.*)' '$1' -- $line)
		for name in (string replace -r '   *.*' '' -- $line | string match -ra -- '(?<![^ ,])--?[A-Za-z][a-z-]*')
			printf '%s\t%s\n' $name "$text"
		end
	end
end

function __escuchactl_sources
	escuchactl sources --json 2>/dev/null | head -n 1000 | string replace -rf '^\{"name":"([^"]*)".*' '$1'
end

# The names that the rules have, of $argv[1] (topic, pattern or rule), by `why` with $argv[2].
function __escuchactl_names
	set -l where
	set -l words (commandline -opc)
	for i in (seq 2 (count $words))
		if contains -- $words[$i] -c --config -r --rules; and set -q words[(math $i + 1)]
			set -a where $words[$i] $words[(math $i + 1)]
		end
	end
	escuchactl why $argv[2] --json $where 2>/dev/null | string match -ra '"'$argv[1]'":"[a-z0-9_-]+"' | string replace -r '.*:"(.*)"' '$1' | sort -u | head -n 1000
end

function __escuchactl_patterns
	set -l words (commandline -opc)
	contains -- --patterns $words; or contains -- -p $words
end

function __escuchactl_packs
	escuchactl packs 2>/dev/null | string replace -rf '^([a-z0-9_-]+)  +(.*)' '$1\t$2'
end

function __escuchactl_platforms
	escuchactl platforms 2>/dev/null | string replace -rf '^([a-z0-9_-]+)  +(.*)' '$1\t$2'
end

complete -c escuchactl -f
complete -c escuchactl -n 'string match -q -- "-*" (commandline -ct)' -a '(__escuchactl_options)'
complete -c escuchactl -n 'not string length -q (__escuchactl_command); or contains help (__escuchactl_command)' -a '(__escuchactl_commands)'
complete -c escuchactl -n 'contains poll (__escuchactl_command); or contains try (__escuchactl_command); or contains sources (__escuchactl_command); or contains coverage (__escuchactl_command)' -a '(__escuchactl_sources)'
complete -c escuchactl -n 'contains packs (__escuchactl_command)' -a '(__escuchactl_packs)'
complete -c escuchactl -n 'contains platforms (__escuchactl_command)' -a '(__escuchactl_platforms)'
complete -c escuchactl -n 'contains parse (__escuchactl_command); or contains match (__escuchactl_command); or contains backup (__escuchactl_command)' -F
complete -c escuchactl -n 'contains init (__escuchactl_command)' -a '(__fish_complete_directories)'
complete -c escuchactl -s c -l config -r -F
complete -c escuchactl -l socket -r -F
complete -c escuchactl -n 'contains sources (__escuchactl_command)' -s s -l state -x -a 'ok new failing gone'
complete -c escuchactl -n 'contains (__escuchactl_command) why backtest discard' -s t -l topic -x -a '(__escuchactl_names topic --patterns)'
complete -c escuchactl -n 'contains why (__escuchactl_command); and __escuchactl_patterns' -a '(__escuchactl_names pattern --patterns)'
complete -c escuchactl -n 'contains why (__escuchactl_command); and not __escuchactl_patterns' -a '(__escuchactl_names rule .)'
