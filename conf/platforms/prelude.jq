# What every map may use. It stands before each.
def n: if type == "number" then . elif type == "string" then (try tonumber catch null) else null end; # a number, or nothing
def s: if . == null then null else tostring end;                                                   # a text, or nothing
def ne: if . == "" then null else . end;                                                           # "" is nothing
def nn: map(select(. != null and . != ""));                                                        # without what is nothing
def clean: .;                          # nothing and "" need not be taken out of a record: escuchad does
def each(record): try record catch {error: .}; # what goes wrong in one record is told, and the others go on
