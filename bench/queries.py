"""TPC-H Q1, Q3 and Q6 through the wire, beside DuckDB itself in a process of its own: same data, same threads."""

import json
import os
import subprocess
import time
from decimal import Decimal

from report import counted, median, progress
from servers import ROOT, Gatehouse
from tools import tools
from tpch import QUERIES, TABLES

WARM_UP, ROUNDS = 2, 7
ROWS_PER_INSERT = 1000


def measure(report, folder, options):
    programs = tools()
    data = folder / "tpch"
    command = [programs / "tpchgen-cli", "-s", str(options.scale), "--tables", ",".join(TABLES)]
    subprocess.run([*command, "--output-dir", data], check=True, stdout=subprocess.DEVNULL)
    server = Gatehouse(folder / "queries")
    server.start()
    with server.connect("admin") as connection:
        rows, took = load(connection, data)
        report.note(
            f"TPC-H at scale {options.scale}: {rows:,} rows loaded over the wire as INSERTs of {ROWS_PER_INSERT} rows in one "
            f"transaction, in {took:.0f} s ({rows / took:,.0f} rows a second)."
        )
        duck = Duck(programs, data)
        try:
            compare(report, connection, duck)
        finally:
            duck.stop()
    server.stop()


def compare(report, connection, duck):
    names = {"select 1": "select 1", **QUERIES}
    for name, query in names.items():
        ours, theirs = [], []
        # In turns, so that whatever else the machine does falls on both.
        for round_number in counted(f"{name}, beside DuckDB", range(-WARM_UP, ROUNDS)):
            started = time.perf_counter()
            rows = connection.execute(query).fetchall()
            took = (time.perf_counter() - started) * 1000
            peer_rows, peer_took = duck.ask(query)
            if round_number >= 0:
                ours.append(took)
                theirs.append(peer_took)
        what = f"{name}, median of {ROUNDS}"
        report.add("queries", what, "ms", median(ours), median(theirs), f"DuckDB {duck.version} in process, {duck.threads} threads")
        difference = differs(rows, peer_rows)
        if difference:
            report.note(f"{name}: the answers DIFFER: {difference}", right=False)
        else:
            report.note(f"{name}: {len(rows)} rows, the same as DuckDB's.")


def differs(ours, theirs):
    """The first difference, or None."""
    if len(ours) != len(theirs):
        return f"{len(ours)} rows, {len(theirs)} rows"
    pairs = (pair for row, peer in zip(ours, theirs) for pair in zip(row, peer, strict=True))
    return next((f"{value!r} and {other!r}" for value, other in pairs if not same(value, other)), None)


def same(value, other):
    """DuckDB averages decimals as doubles, Redshift as decimals: those agree when the decimal's last place does."""
    if isinstance(value, Decimal) and isinstance(other, float):
        return abs(value - Decimal(other)) <= Decimal(1).scaleb(value.as_tuple().exponent)
    return str(value) == str(other)


def literals(line, kinds):
    cells = line.rstrip("\n").removesuffix("|").split("|")
    quoted = (f"'{cell.replace(chr(39), chr(39) * 2)}'" if text else cell for cell, text in zip(cells, kinds, strict=True))
    return f"({','.join(quoted)})"


def load(connection, data):
    started, total = time.perf_counter(), 0
    connection.execute("create schema tpch")
    connection.execute("begin")
    for table, columns in TABLES.items():
        connection.execute(f"create table tpch.{table} ({columns})")
        kinds = [("varchar" in column or "date" in column.split()[1]) for column in columns.split(", ")]
        with open(data / f"{table}.tbl", encoding="utf-8") as file:
            lines = [literals(line, kinds) for line in file]
        for at in range(0, len(lines), ROWS_PER_INSERT):
            part = lines[at : at + ROWS_PER_INSERT]
            connection.execute(f"insert into tpch.{table} values {','.join(part)}")
            progress(f"loading {table}", at + len(part), len(lines))
        total += len(lines)
    connection.execute("commit")
    return total, time.perf_counter() - started


class Duck:
    """duckdb_peer.py in the venv: a query a line, an answer a line."""

    def __init__(self, programs, data):
        command = [programs / "python", ROOT / "bench" / "duckdb_peer.py", str(data), str(len(os.sched_getaffinity(0)))]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        hello = self.answer()
        self.version, self.threads = hello["version"], hello["threads"]

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("bench: the DuckDB beside it ended")
        return json.loads(line)

    def ask(self, query):
        self.process.stdin.write(json.dumps(query) + "\n")
        self.process.stdin.flush()
        answer = self.answer()
        return [[revived(cell) for cell in row] for row in answer["rows"]], answer["ms"]

    def stop(self):
        self.process.stdin.close()
        self.process.wait(20)


def revived(cell):
    return Decimal(cell["decimal"]) if isinstance(cell, dict) else cell
