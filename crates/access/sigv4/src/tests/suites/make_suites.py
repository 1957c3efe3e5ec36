"""Writes the signed requests of two public test suites as JSON: of awslabs/aws-c-auth (tests/aws-signing-test-suite/v4) and of
boto/botocore (tests/unit/auth/aws4_testsuite), both under the Apache License 2.0.

    python make_suites.py PATH-TO-aws-c-auth.git PATH-TO-botocore.git
"""

import json
import subprocess
import sys


def show(repository, path):
    return subprocess.run(["git", "-C", repository, "show", f"HEAD:{path}"], check=True, capture_output=True).stdout.decode()


def names(repository, folder):
    listing = subprocess.run(
        ["git", "-C", repository, "ls-tree", "-r", "--name-only", "HEAD", folder], check=True, capture_output=True
    ).stdout.decode()
    return listing.splitlines()


def read(text):
    """A request as it would come over the wire: folded header lines joined by a space."""
    head, _, body = text.replace("\r\n", "\n").partition("\n\n")
    request, *lines = head.rstrip("\n").split("\n")
    method, _, rest = request.partition(" ")
    target = rest.rpartition(" HTTP/")[0]
    path, _, query = target.partition("?")
    headers = []
    for line in lines:
        if line[:1] in " \t":
            headers[-1][1] += " " + line.strip()
        else:
            name, _, value = line.partition(":")
            headers.append([name, value])
    return {"method": method, "path": path, "query": query, "headers": headers, "body": body}


def aws_c_auth(repository):
    folder = "tests/aws-signing-test-suite/v4"
    cases = []
    for case in sorted({path.split("/")[3] for path in names(repository, folder)}):
        context = json.loads(show(repository, f"{folder}/{case}/context.json"))
        for form in ["header", "query"]:
            cases.append({
                "name": f"aws-c-auth {case} {form}",
                **read(show(repository, f"{folder}/{case}/{form}-signed-request.txt").removesuffix("\n" if form == "header" else "")),
                "canonical": show(repository, f"{folder}/{case}/{form}-canonical-request.txt"),
                "token": context["credentials"].get("token"),
                "normalized": context["normalize"],
                "token_signed": not context.get("omit_session_token", False),
            })
    return cases


def botocore(repository):
    folder = "tests/unit/auth/aws4_testsuite"
    cases = []
    for path in names(repository, folder):
        if path.endswith(".sreq"):
            stem = path.removesuffix(".sreq")
            request = read(show(repository, path))
            tokens = [value.strip() for name, value in request["headers"] if name.lower() == "x-amz-security-token"]
            authorization = show(repository, f"{stem}.authz")
            signed = authorization.partition("SignedHeaders=")[2].partition(",")[0]
            # One .sreq (get-vanilla-with-session-token) has the signature of another case: .authz is what botocore tests.
            for header in request["headers"]:
                if header[0] == "Authorization":
                    header[1] = authorization
            cases.append({
                "name": f"botocore {stem.rpartition('/')[2]}",
                **request,
                "canonical": show(repository, f"{stem}.creq"),
                "token": tokens[0] if tokens else None,
                "normalized": True,
                "token_signed": not tokens or "x-amz-security-token" in signed.split(";"),
            })
    return cases


with open("suites.json", "w") as file:
    json.dump(aws_c_auth(sys.argv[1]) + botocore(sys.argv[2]), file, indent=1, ensure_ascii=False)
    file.write("\n")
