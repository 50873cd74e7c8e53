#!/usr/bin/env python3
"""embed_sql.py MODULE FILE.sql OUT.hpp

Each block that begins with "-- name: insert_order" becomes
    nexus::MODULE::sql::insert_order      (a nexus::db::statement)
in OUT.hpp. Text before the first name, and comments, stay out of the statement."""
import os, re, sys

module, source, out = sys.argv[1:4]
name, blocks = None, []
for number, line in enumerate(open(source, encoding="utf-8"), 1):
    match = re.match(r"\s*--\s*name:\s*([a-z][a-z0-9_]*)\s*$", line)
    if match:
        name = match.group(1)
        if any(name == known for known, _ in blocks):
            sys.exit(f"{source}:{number}: the name {name} is there already")
        blocks.append((name, []))
    elif line.lstrip().startswith("--"):
        continue
    elif name and line.strip():
        blocks[-1][1].append(line.rstrip())
    elif line.strip():
        sys.exit(f"{source}:{number}: a statement without a '-- name:' line")

text = [f"// Made from {os.path.basename(source)}; do not edit.", "#pragma once",
        '#include "platform/db/statement.hpp"', f"namespace nexus::{module}::sql {{"]
for name, lines in blocks:
    body = "\n".join(lines).strip().rstrip(";")
    if not body:
        sys.exit(f"{source}: {name} is empty")
    text.append(f'inline const db::statement {name}{{"{module}.{name}", R"sql({body})sql"}};')
text.append(f"}} // namespace nexus::{module}::sql\n")
os.makedirs(os.path.dirname(out), exist_ok=True)
open(out, "w", encoding="utf-8").write("\n".join(text))
