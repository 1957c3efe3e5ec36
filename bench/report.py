"""The numbers of a run, and how they are shown."""

import datetime
import os
import platform
import statistics
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def say(line):
    print(line, file=sys.stderr, flush=True)


def progress(what, done, total):
    """One line that grows on a terminal; else a line per quarter."""
    bar = "#" * round(20 * done / total)
    line = f"  {what:<44} [{bar:<20}] {done}/{total}"
    if sys.stderr.isatty():
        print(f"\r{line}", end="\n" if done == total else "", file=sys.stderr, flush=True)
    elif done and (done == total or done * 4 // total != (done - 1) * 4 // total):
        say(line)


def counted(what, items):
    """Passes `items` on and shows how far it is."""
    items = list(items)
    for number, item in enumerate(items, 1):
        yield item
        progress(what, number, len(items))


def percentile(values, share):
    """The smallest value that at least `share` of all don't exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)]


def median(values):
    return statistics.median(values)


class Report:
    def __init__(self, binary):
        self.rows = []
        self.notes = []
        self.right = True
        model = [line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line]
        self.about = {
            "date": datetime.date.today().isoformat(),
            "cores": len(os.sched_getaffinity(0)),
            "processor": model[0] if model else platform.machine(),
            "system": f"{platform.system()} {platform.release()}",
            "build": "release" if "release" in Path(binary).parts else "debug (not optimised)",
            "load_before": round(os.getloadavg()[0], 2),
        }

    def add(self, part, what, unit, gatehouse, peer=None, peer_name=""):
        self.rows.append(
            {"part": part, "what": what, "unit": unit, "gatehouse": gatehouse, "peer": peer, "peer_name": peer_name}
        )

    def note(self, text, right=True):
        """`right=False`: a result that must fail the run, e.g. answers that differ."""
        self.notes.append(text)
        self.right = self.right and right

    def finish(self):
        self.about["load_after"] = round(os.getloadavg()[0], 2)

    def data(self):
        return {"about": self.about, "rows": self.rows, "notes": self.notes, "right": self.right}

    def cells(self):
        head = ("part", "what", "unit", "Gatehouse", "peer", "which peer")
        shown = [(r["part"], r["what"], r["unit"], number(r["gatehouse"]), number(r["peer"]), r["peer_name"]) for r in self.rows]
        return [head, *shown]

    def heading(self):
        about = self.about
        return (
            f"{about['date']}, {about['cores']} cores ({about['processor']}), {about['system']}, Gatehouse {about['build']}, "
            f"load {about['load_before']} before and {about['load_after']} after"
        )

    def table(self):
        cells = self.cells()
        widths = [max(len(row[column]) for row in cells) for column in range(6)]
        lines = [self.heading(), ""]
        for row in cells:
            aligned = [c.rjust(w) if column in (3, 4) else c.ljust(w) for column, (c, w) in enumerate(zip(row, widths))]
            lines.append("  ".join(aligned).rstrip())
        return "\n".join([*lines, "", *self.notes])

    def save(self):
        head, *rows = self.cells()
        lines = [f"# {self.heading()}", "", "| " + " | ".join(head) + " |", "|---|---|---|--:|--:|---|"]
        lines += ["| " + " | ".join(row) + " |" for row in rows]
        lines += ["", *(f"- {note}" for note in self.notes)]
        file = HERE / "results" / f"{self.about['date']}-{self.about['cores']}.md"
        file.parent.mkdir(exist_ok=True)
        file.write_text("\n".join(lines) + "\n")
        return file


def number(value):
    if value is None:
        return "-"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.0f}" if value >= 1000 else f"{value:.1f}" if value >= 100 else f"{value:.2f}"
