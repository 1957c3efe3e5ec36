"""How long until it serves, and what it holds when nobody is there."""

import time

from report import counted, median
from servers import Gatehouse

ROUNDS = 5
SETTLE_SECONDS = 1


def measure(report, folder, _options):
    first, again, memory = [], [], []
    for number in counted("first start with --demo, then restart", range(ROUNDS)):
        server = Gatehouse(folder / f"startup{number}")
        first.append(server.start() * 1000)
        server.stop()
        again.append(server.start() * 1000)
        time.sleep(SETTLE_SECONDS)
        memory.append(server.resident_mib())
        server.stop()
    report.add("start-up", f"first start with --demo, median of {ROUNDS}", "ms", median(first))
    report.add("start-up", f"restart, median of {ROUNDS}", "ms", median(again))
    report.add("start-up", f"idle memory (VmRSS) {SETTLE_SECONDS} s after a restart, median of {ROUNDS}", "MiB", median(memory))
