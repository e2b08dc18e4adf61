# Quoting, one function per language.
def php: gsub("\\\\"; "\\\\") | gsub("'"; "\\'") | "'" + . + "'";
def sql: gsub("\\\\"; "\\\\") | gsub("'"; "''") | "'" + . + "'";
def cnf: gsub("\\\\"; "\\\\") | gsub("\""; "\\\"") | "\"" + . + "\"";
