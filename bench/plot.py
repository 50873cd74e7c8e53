"""Lines over the number of connections, as an SVG: what needs no library."""
import html

width, height = 460, 360
left, right, bottom = 62, 14, 44
colours = ["#1b6ca8", "#c8553d", "#2e8b57", "#8a5fb0", "#b8860b", "#5a5a5a"]


class Panel:
    def __init__(self, title, unit, series):
        """series: name -> ([(connections, value)], is_dashed); the nth line takes the nth colour, a dashed one that of the
        line before it."""
        self.title, self.unit, self.series = title, unit, series


def steps(highest):
    """Some five round values from 0 to beyond the highest."""
    size = 1
    while size * 5 < highest:
        size *= 2.5 if str(size).startswith("2") else 2
    return [int(size * n) for n in range(int(-(-highest // size)) + 1)]


def text(x, y, words, anchor="middle", size=11, colour="#333"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{colour}">'
            f"{html.escape(words)}</text>")


def draw(panel, x0, y0):
    points = [p for line, _ in panel.series.values() for p in line]
    at = sorted({x for x, _ in points})  # each number of connections has its place, evenly
    marks = steps(max(y for _, y in points))
    top = 32 + 14 * len(panel.series)  # the title, and a line for each name
    w, h = width - left - right, height - top - bottom
    place = lambda x: x0 + left + w * (at.index(x) + 0.5) / len(at)  # noqa: E731
    level = lambda y: y0 + top + h * (1 - y / marks[-1])  # noqa: E731
    out = [text(x0 + left, y0 + 16, panel.title, "start", 13, "#000")]
    for mark in marks:
        out.append(f'<line x1="{x0 + left}" x2="{x0 + left + w}" y1="{level(mark):.1f}" y2="{level(mark):.1f}" stroke="#ddd"/>')
        out.append(text(x0 + left - 6, level(mark) + 4, f"{mark:,}", "end"))
    for x in at:
        out.append(text(place(x), y0 + top + h + 16, str(x)))
    out.append(text(x0 + left + w / 2, y0 + top + h + 32, f"connections ({panel.unit} upwards)"))
    colour = -1
    for number, (name, (line, is_dashed)) in enumerate(panel.series.items()):
        colour += 0 if is_dashed else 1
        paint = colours[max(colour, 0) % len(colours)]
        path = " ".join(f"{place(x):.1f},{level(y):.1f}" for x, y in line)
        dash = ' stroke-dasharray="5 4"' if is_dashed else ""
        out.append(f'<polyline points="{path}" fill="none" stroke="{paint}" stroke-width="2"{dash}/>')
        out += [f'<circle cx="{place(x):.1f}" cy="{level(y):.1f}" r="3" fill="{paint}"><title>'
                f"{html.escape(name)}, {x} connections: {y:,.1f}</title></circle>" for x, y in line]
        out.append(text(x0 + left, y0 + 32 + 14 * number, ("- - " if is_dashed else "— ") + name, "start", 11, paint))
    return "\n".join(out)


def svg(title, panels):
    """Two panels a row."""
    rows = (len(panels) + 1) // 2
    body = [draw(panel, (i % 2) * width, 30 + (i // 2) * height) for i, panel in enumerate(panels)]
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{2 * width}" height="{30 + rows * height}" '
            f'font-family="sans-serif"><rect width="100%" height="100%" fill="#fff"/>\n'
            + text(width, 20, title, size=14) + "\n" + "\n".join(body) + "\n</svg>\n")
