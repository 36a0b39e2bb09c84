# fish: completion of escuchactl.
#
# What there is to choose from the program says itself: commands and options by --help, names of sources by asking the
# daemon. So nothing here can grow old.

function __escuchactl_command
	set -l words (commandline -opc)
	set -l skip 0
	for word in $words[2..-1]
		if test $skip = 1
			set skip 0
		else if contains -- $word -c --config --socket
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
