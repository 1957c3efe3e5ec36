"""An unmodified redshift_connector that runs the statements it is given, signed in through the browser unless told how to connect.

stdin: {"statements": [...], "hold": bool, "connect": {...}}, a statement being a text or [text, parameters]; stdout: one JSON line per
statement. With "connect" it connects with these arguments. With "hold" it keeps the connection after the last one, and for each further
line on stdin (a statement) answers one line.
"""

import json
import os
import sys

import redshift_connector


def answer(cursor, statement):
    try:
        cursor.execute(*([statement] if isinstance(statement, str) else statement))
        rows = [[str(cell) for cell in row] for row in cursor.fetchall()] if cursor.description else None
        return {"rows": rows}
    except redshift_connector.Error as error:
        body = error.args[0] if error.args else str(error)
        return {"error": body if isinstance(body, dict) else {"M": str(body)}}
    except Exception as error:  # the driver lets socket errors through as they are
        return {"error": {"M": repr(error)}}


def connect(arguments=None):
    if arguments:
        return redshift_connector.connect(**arguments)
    common = {
        "host": os.environ["SQL_HOST"],
        "port": int(os.environ["SQL_PORT"]),
        "database": os.environ["SQL_DATABASE"],
        "timeout": 60,
    }
    if os.environ.get("TOKEN"):
        return redshift_connector.connect(
            credentials_provider="IdpTokenAuthPlugin", token=os.environ["TOKEN"], token_type="ACCESS_TOKEN", **common
        )
    if os.environ.get("DB_USER"):
        return redshift_connector.connect(user=os.environ["DB_USER"], password=os.environ["DB_PASSWORD"], **common)
    return redshift_connector.connect(
        credentials_provider="BrowserIdcAuthPlugin",
        issuer_url=os.environ["IDC_ISSUER_URL"],
        idc_region=os.environ["AWS_REGION"],
        listen_port=int(os.environ["LISTEN_PORT"]),
        idp_response_timeout=60,
        **common,
    )


def say(value):
    print(json.dumps(value), flush=True)


def main():
    request = json.loads(sys.stdin.readline())
    try:
        connection = connect(request.get("connect"))
    except Exception as error:
        body = error.args[0] if error.args else str(error)
        say({"refused": body if isinstance(body, dict) else {"M": str(body)}})
        return
    connection.autocommit = True
    cursor = connection.cursor()
    for statement in request["statements"]:
        say(answer(cursor, statement))
    if request.get("hold"):
        say({"holding": True, "version": redshift_connector.__version__})
        for line in sys.stdin:
            say(answer(cursor, json.loads(line)))


main()
