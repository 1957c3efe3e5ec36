"""Programs of the benchmark's own, in a venv beside the tests': `.tools/bench`, made once per content of requirements.txt."""

import shutil
import subprocess
import sys

from report import say
from servers import ROOT

TOOLS = ROOT / ".tools" / "bench"
REQUIREMENTS = ROOT / "bench" / "requirements.txt"


def tools():
    """Where the venv's programs are."""
    stamp = TOOLS / ".stamp"
    wanted = REQUIREMENTS.read_text()
    if not stamp.exists() or stamp.read_text() != wanted:
        say(f"  making {TOOLS}")
        shutil.rmtree(TOOLS, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", TOOLS], check=True)
        pip = [TOOLS / "bin/pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r", REQUIREMENTS]
        subprocess.run(pip, check=True)
        stamp.write_text(wanted)
    return TOOLS / "bin"
