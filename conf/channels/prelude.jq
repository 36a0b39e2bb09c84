# What every channel's program may use. It stands before each. A notice quotes strangers: no text of theirs goes out but through one of these.
def swap(a; b): split(a) | join(b);
def line: swap("\n"; " ");                                                                  # one line
def units(size): explode | map(size) | add // 0;
def prefix(most; size): explode | (reduce .[] as $x ({n: 0, u: 0}; if .u < 0 then . else (.u + ($x | size)) as $u | if $u > most then .u = -1 else {n: (.n + 1), u: $u} end end)) | .n;
def wide: if . > 65535 then 2 else 1 end;                                                   # of UTF-16, which many count in
def bytes: if . < 128 then 1 elif . < 2048 then 2 elif . < 65536 then 3 else 4 end;         # of UTF-8
def cutto(most; size): if units(size) <= most then . else .[0:prefix(most - 3; size)] + "\u2026" end;
def cut(most): if length * 2 <= most then . else cutto(most; wide) end;                     # at most so many units of UTF-16
def cutbytes(most): if utf8bytelength <= most then . else cutto(most; bytes) end;
def islink: startswith("https://") or startswith("http://");
def words(link; other): split("\n") | map(split(" ") | map(if islink then link else other end) | join(" ")) | join("\n");
def parts: if . == "" then [] else split("\n") | map((if . == "" then [] else split(" ") | map(. + " ") | .[-1] |= .[0:-1] end) + ["\n"]) | add | .[0:-1] end;       # words, with their blanks, and line breaks
def runs: reduce parts[] as $w ([]; if ($w | islink) then . + [{link: ($w | swap(" "; ""))}] + (if ($w | endswith(" ")) then [{text: " "}] else [] end) elif length > 0 and (.[-1] | has("text")) then .[-1].text += $w else . + [{text: $w}] end) | map(select(.link != "" and .text != ""));
def md: swap("\\"; "\\\\") | swap("`"; "\\`") | swap("*"; "\\*") | swap("_"; "\\_") | swap("~"; "\\~") | swap("|"; "\\|") | swap(">"; "\\>") | swap("<"; "\\<") | swap("#"; "\\#") | swap("["; "\\[") | swap("]"; "\\]");
def quietat: swap("@"; "@\u200b");                                                          # nobody is called by it
def level(info; warning; critical): if .severity == "critical" then critical elif .severity == "warning" then warning else info end;
def whole: .subject + "\n\n" + (.text // "");
def without: with_entries(select(.value != null));
