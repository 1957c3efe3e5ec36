"""Measures Gatehouse beside a peer in the same run; bench/README.md says what and how.

    cargo xtask bench [--only startup,connections,queries,authorisation,provisioning,federation,iam] [--scale 0.05] [--json FILE] [--save]

Nothing leaves the machine: every server listens on 127.0.0.1, on a free port, with a data directory that is removed in the end.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
from pathlib import Path

import authorisation
import connections
import federation
import iam
import provisioning
import queries
import startup
from report import Report, say
from servers import binary, stop_all

PARTS = {
    "startup": startup.measure,
    "connections": connections.measure,
    "queries": queries.measure,
    "authorisation": authorisation.measure,
    "provisioning": provisioning.measure,
    "federation": federation.measure,
    "iam": iam.measure,
}


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(PARTS), help="parts to run, separated by commas (default: all)")
    parser.add_argument("--scale", type=float, default=0.05, help="TPC-H scale factor (default 0.05: 300,000 line items)")
    parser.add_argument("--connections", type=int, default=200, help="connections per measurement (default 200)")
    parser.add_argument("--roles", type=int, default=2000, help="roles and grants of the large catalog (default 2000)")
    parser.add_argument("--people", type=int, default=100_000, help="people pushed over SCIM (default 100000)")
    parser.add_argument("--groups", type=int, default=10_000, help="groups pushed over SCIM (default 10000)")
    parser.add_argument("--members", type=int, default=100, help="members of each group (default 100)")
    parser.add_argument("--peer-people", type=int, default=1000, help="people pushed to both SCIM servers (default 1000)")
    parser.add_argument("--deadline", type=int, default=1800, help="seconds after which the run gives up (default 1800)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the numbers as JSON")
    parser.add_argument("--save", action="store_true", help="also write bench/results/DATE-CORES.md")
    chosen = parser.parse_args()
    chosen.only = [part.strip() for part in chosen.only.split(",")]
    for part in chosen.only:
        if part not in PARTS:
            parser.error(f"there is no part {part!r}; there are {', '.join(PARTS)}")
    if min(chosen.people, chosen.groups, chosen.members, chosen.peer_people) < 1 or chosen.members > chosen.people:
        parser.error("--people, --groups, --members and --peer-people must be positive, a group no larger than all people")
    if chosen.scale <= 0 or chosen.connections < 8 or chosen.roles < 1:
        parser.error("--scale and --roles must be positive, --connections at least 8")
    return chosen


def give_up(number, _frame):
    reason = "the deadline has passed (--deadline)" if number == signal.SIGALRM else "stopped from outside"
    raise SystemExit(f"bench: {reason}")


def main():
    chosen = options()
    signal.signal(signal.SIGALRM, give_up)
    signal.signal(signal.SIGTERM, give_up)
    signal.alarm(chosen.deadline)
    if not os.access(binary(), os.X_OK):
        raise SystemExit(f"bench: {binary()} isn't there; `cargo xtask bench` builds it and names it in GATEHOUSE_BINARY")
    report = Report(binary())
    with tempfile.TemporaryDirectory(prefix="gatehouse-bench-") as folder:
        os.chmod(folder, 0o755)  # the PostgreSQL of the same run is another user
        try:
            for number, part in enumerate(chosen.only, 1):
                say(f"== {part} ({number}/{len(chosen.only)})")
                PARTS[part](report, Path(folder), chosen)
        finally:
            stop_all()
    report.finish()
    print(report.table())
    if chosen.json:
        chosen.json.write_text(json.dumps(report.data(), indent=2) + "\n")
    if chosen.save:
        say(f"saved {report.save()}")
    return 0 if report.right else 1


if __name__ == "__main__":
    sys.exit(main())
