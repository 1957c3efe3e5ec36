"""Fetches the jars of a lock file (its lines: SHA-512, path below Maven Central) into a folder. Arguments: the file, the folder."""

import concurrent.futures
import hashlib
import pathlib
import sys
import urllib.request


def fetch(line, folder):
    pinned, path = line.split()
    with urllib.request.urlopen(f"https://repo1.maven.org/maven2/{path}", timeout=120) as answer:
        jar = answer.read()
    found = hashlib.sha512(jar).hexdigest()
    if found != pinned:
        sys.exit(f"{path} isn't the jar that was pinned: its SHA-512 is {found}, not {pinned}")
    (folder / path.rsplit("/", 1)[1]).write_bytes(jar)


lock, folder = map(pathlib.Path, sys.argv[1:])
with concurrent.futures.ThreadPoolExecutor(8) as pool:
    list(pool.map(lambda line: fetch(line, folder), lock.read_text().splitlines()))
