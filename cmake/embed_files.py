#!/usr/bin/env python3
"""embed_files.py SYMBOL OUT.hpp OUT.cpp FILE...

The files' bytes, in the order given, as  std::span<const nexus::embedded::file> nexus::embedded::SYMBOL()."""
import os, sys

symbol, header, source, files = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
os.makedirs(os.path.dirname(header), exist_ok=True)
open(header, "w").write(f"""// Made by cmake/embed_files.py; do not edit.
#pragma once
#include <span>
#include <string_view>
#ifndef NEXUS_EMBEDDED_FILE
#define NEXUS_EMBEDDED_FILE
namespace nexus::embedded {{ struct file {{ std::string_view name, bytes; }}; }}
#endif
namespace nexus::embedded {{ std::span<const file> {symbol}(); }}
""")
lines = [f'#include "{os.path.basename(header)}"', "// Made by cmake/embed_files.py; do not edit."]
for i, path in enumerate(files):
    lines.append(f'__asm__(".pushsection .rodata\\n.balign 16\\nnexus_{symbol}_{i}:\\n.incbin \\"{os.path.abspath(path)}\\"\\n'
                 f'nexus_{symbol}_{i}_end:\\n.byte 0\\n.popsection\\n");')
    lines.append(f'extern "C" const char nexus_{symbol}_{i}[], nexus_{symbol}_{i}_end[];')
lines.append("namespace nexus::embedded {")
lines.append(f"std::span<const file> {symbol}() {{")
lines.append(f"  static const file files[] = {{")
for i, path in enumerate(files):
    lines.append(f'    {{"{os.path.basename(path)}", {{nexus_{symbol}_{i}, static_cast<size_t>(nexus_{symbol}_{i}_end - nexus_{symbol}_{i})}}}},')
lines.append("  };\n  return files;\n}\n} // namespace nexus::embedded\n")
open(source, "w").write("\n".join(lines))
