"""The shop's own statements, out of its .sql files, for pgbench: so that it measures what the shop asks."""
import os
import re

root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
condition = re.compile(r"\s*/\* if ([\w ]+) \*/$")


def named_statements(path, keep=frozenset()):
    """name -> text. Of lines that end in "/* if words */" only those stay whose words are all in keep."""
    out, name = {}, None
    with open(os.path.join(root, path)) as file:
        for line in file.read().splitlines():
            if found := re.match(r"-- name: (\w+)", line):
                name = found[1]
                out[name] = []
            elif line.startswith("--") or name is None:
                continue
            elif found := condition.search(line):
                if set(found[1].split()) <= keep:
                    out[name].append(line[:found.start()])
            else:
                out[name].append(line)
    return {name: "\n".join(lines).strip() for name, lines in out.items()}


def with_values(text, *values):
    """$1 and so on replaced by what pgbench shall put there: a variable, or SQL."""
    return re.sub(r"\$(\d+)", lambda found: values[int(found[1]) - 1], text)
