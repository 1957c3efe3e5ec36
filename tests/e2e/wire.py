"""A client that speaks the PostgreSQL wire byte by byte: for what no driver would send, and to sign in with a token quickly."""

import hashlib
import socket
import ssl
import struct

SSL_REQUEST = struct.pack("!ii", 8, 80877103)
GSS_REQUEST = struct.pack("!ii", 8, 80877104)


def startup(parameters, protocol=196608):
    body = struct.pack("!i", protocol) + b"".join(text.encode() + b"\0" for pair in parameters.items() for text in pair) + b"\0"
    return struct.pack("!i", len(body) + 4) + body


def message(tag, body=b""):
    return tag + struct.pack("!i", len(body) + 4) + body


def text(value):
    return value.encode() + b"\0"


def fields(body):
    """ErrorResponse and NoticeResponse: one letter, text, NUL."""
    return {part[:1].decode(): part[1:].decode() for part in body.split(b"\0") if part}


class Refused(Exception):
    """A FATAL during the login."""

    def __init__(self, error):
        super().__init__(error)
        self.error = error


class Answer:
    """What came back up to ReadyForQuery."""

    def __init__(self):
        self.columns, self.rows, self.tags, self.notices, self.error, self.status = [], [], [], [], None, None

    def __repr__(self):
        return f"Answer(rows={self.rows}, tags={self.tags}, error={self.error}, status={self.status})"


class Wire:
    """One connection. `tls=False` stays in clear; nothing is sent before `login` but the request for encryption. `server_name`
    is the TLS server name, where it isn't the address."""

    def __init__(self, server, tls=True, timeout=30, server_name=None):
        self.server = server
        self.socket = socket.create_connection((server["SQL_HOST"], int(server["SQL_PORT"])), timeout=timeout)
        self.parameters, self.key = {}, None
        if tls:
            self.socket.sendall(SSL_REQUEST)
            assert self.socket.recv(1) == b"S"
            context = ssl.create_default_context(cafile=server["GATEHOUSE_CA"])
            self.socket = context.wrap_socket(self.socket, server_hostname=server_name or server["SQL_HOST"])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def exactly(self, size):
        data = b""
        while len(data) < size:
            part = self.socket.recv(size - len(data))
            if not part:
                raise ConnectionError(f"closed after {len(data)} of {size} bytes")
            data += part
        return data

    def receive(self):
        head = self.exactly(5)
        return head[:1], self.exactly(struct.unpack("!i", head[1:])[0] - 4)

    def closed(self):
        """Whether the server has ended the connection; waits for it. What it still sends is thrown away."""
        try:
            while self.socket.recv(65536):
                pass
        except ssl.SSLError as error:
            return "EOF" in str(error) or "CLOSED" in str(error)
        except ConnectionError:
            pass
        return True

    def login(self, user="", password=None, token=None, database=None, **parameters):
        database = self.server["SQL_DATABASE"] if database is None else database
        if token is not None:
            parameters = {"idp_type": "AwsIdc", "token_type": "ACCESS_TOKEN", **parameters}
        self.send(startup({"user": user, "database": database, **parameters}))
        while True:
            tag, body = self.receive()
            if tag == b"E":
                raise Refused(fields(body))
            if tag == b"R":
                self.prove(body, user, password, token)
            elif tag == b"S":
                name, value = body.split(b"\0")[:2]
                self.parameters[name.decode()] = value.decode()
            elif tag == b"K":
                self.key = struct.unpack("!ii", body)
            elif tag == b"Z":
                return self

    def prove(self, body, user, password, token):
        (code,) = struct.unpack("!i", body[:4])
        if code == 14:
            self.send(message(b"i", token.encode()))
        elif code == 3:
            self.send(message(b"p", text(password)))
        elif code == 5:
            inner = hashlib.md5((password + user).encode()).hexdigest()
            self.send(message(b"p", text("md5" + hashlib.md5(inner.encode() + body[4:8]).hexdigest())))
        else:
            assert code == 0, code

    def until_ready(self):
        answer = Answer()
        while True:
            tag, body = self.receive()
            if tag == b"T":
                answer.columns = columns(body)
            elif tag == b"D":
                answer.rows.append(row(body))
            elif tag == b"C":
                answer.tags.append(body[:-1].decode())
            elif tag == b"N":
                answer.notices.append(fields(body))
            elif tag == b"E":
                answer.error = answer.error or fields(body)
                if answer.error["S"] == "FATAL":
                    return answer
            elif tag == b"Z":
                answer.status = body.decode()
                return answer

    def query(self, statement):
        """Simple protocol; every value as text."""
        self.send(message(b"Q", statement.encode() + b"\0"))
        return self.until_ready()

    def extended(self, statement, *values):
        """Parse, Bind, Describe, Execute, Sync in one go; values as text of no declared type."""
        bound = b"".join(
            struct.pack("!i", -1) if value is None else struct.pack("!i", len(value.encode())) + value.encode() for value in values
        )
        self.send(
            message(b"P", b"\0" + statement.encode() + b"\0" + struct.pack("!h", 0))
            + message(b"B", b"\0\0" + struct.pack("!hh", 0, len(values)) + bound + struct.pack("!h", 0))
            + message(b"D", b"P\0")
            + message(b"E", b"\0" + struct.pack("!i", 0))
            + message(b"S")
        )
        return self.until_ready()


def columns(body):
    names, rest = [], body[2:]
    for _ in range(struct.unpack("!h", body[:2])[0]):
        name, rest = rest.split(b"\0", 1)
        names.append(name.decode())
        rest = rest[18:]
    return names


def row(body):
    cells, at = [], 2
    for _ in range(struct.unpack("!h", body[:2])[0]):
        (size,) = struct.unpack("!i", body[at : at + 4])
        at += 4
        cells.append(None if size < 0 else body[at : at + size].decode())
        at += max(size, 0)
    return tuple(cells)
