"""DuckDB without Gatehouse: `duckdb_peer.py FOLDER THREADS`, a query a line on stdin, rows and milliseconds on stdout."""

import json
import sys
import time
from datetime import date
from decimal import Decimal

import duckdb
from tpch import TABLES


def plain(cell):
    if isinstance(cell, Decimal):
        return {"decimal": str(cell)}
    return cell.isoformat() if isinstance(cell, date) else cell


def main(folder, threads):
    database = duckdb.connect(f"{folder}/peer.duckdb", config={"threads": threads})
    database.execute("create schema tpch")
    for table, columns in TABLES.items():
        database.execute(f"create table tpch.{table} ({columns})")
        database.execute(f"insert into tpch.{table} select * from read_csv('{folder}/{table}.tbl', delim='|', header=false, "
                         f"quote='', escape='', columns={names(columns)})")
    database.execute("checkpoint")
    say({"version": duckdb.__version__, "threads": threads})
    for line in sys.stdin:
        query = json.loads(line)
        started = time.perf_counter()
        rows = database.execute(query).fetchall()
        took = (time.perf_counter() - started) * 1000
        say({"rows": [[plain(cell) for cell in row] for row in rows], "ms": took})


def names(columns):
    pairs = (column.split(" ", 1) for column in columns.split(", "))
    return "{" + ", ".join(f"'{name}': '{kind}'" for name, kind in pairs) + "}"


def say(value):
    print(json.dumps(value), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
