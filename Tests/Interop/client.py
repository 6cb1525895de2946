#!/usr/bin/env python3
"""An independent client of region-node, written from docs/protocol.md alone.

Needs nothing but Python's standard library. As a program it joins a node, writes, reads, and
makes sure that a wrong token is refused:

    client.py --port 7400 --token SECRET [--group 0] [--sessions-at PORT]

With --sessions-at it also logs a user in on the first node and validates the session on the node
that listens on that port, refreshes it there, ends it, and shows forged tokens.

It ends with exit code 0 and the line "interop ok" if the node kept to the protocol.
"""

import argparse
import socket
import struct
import sys
import time

HELLO, REFUSED, CLIENT_REQUEST, CLIENT_REPLY = 1, 2, 4, 5
ROLE_CLIENT = 2
REFUSED_TOKEN = 3
SESSIONS = 0xFF00
UNKNOWN, EXPIRED, REVOKED, TOKEN_EXPIRED, SUPERSEDED, FORGED = range(1, 7)
MAGIC = b"MRDN"
FRAME_MAX = 16 * 1024 * 1024
ENVELOPE = struct.Struct(">BHQQq")


class ProtocolError(Exception):
    """The node did not keep to the protocol."""


class ConnectionLost(ProtocolError):
    """The node closed the connection."""


class Refused(Exception):
    """The node did not accept the connection."""

    def __init__(self, reason, message):
        super().__init__(f"refused ({reason}): {message}")
        self.reason = reason


class Failed(Exception):
    """The node answered that the request failed."""

    def __init__(self, code, message, indefinite):
        super().__init__(f"error {code}: {message}")
        self.code = code
        self.indefinite = indefinite


class Rejected(Exception):
    """The sessions answered with a definite no."""

    def __init__(self, reason, message):
        super().__init__(f"rejected ({reason}): {message}")
        self.reason = reason


class Mismatch(Exception):
    """A compare-and-set found another value."""

    def __init__(self, actual):
        super().__init__(f"the value is {actual!r}")
        self.actual = actual


def varint(number):
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def byte_string(value):
    return varint(len(value)) + value


class Reader:
    """Takes fields from the front of a payload."""

    def __init__(self, data):
        self.data = data
        self.position = 0

    def raw(self, count):
        if count > len(self.data) - self.position:
            raise ProtocolError("a payload is too short")
        piece = self.data[self.position : self.position + count]
        self.position += count
        return piece

    def u8(self):
        return self.raw(1)[0]

    def u16(self):
        return struct.unpack(">H", self.raw(2))[0]

    def u32(self):
        return struct.unpack(">I", self.raw(4))[0]

    def u64(self):
        return struct.unpack(">Q", self.raw(8))[0]

    def i64(self):
        return struct.unpack(">q", self.raw(8))[0]

    def varint(self):
        result = shift = 0
        while True:
            byte = self.u8()
            result |= (byte & 0x7F) << shift
            if byte < 0x80:
                return result
            shift += 7

    def boolean(self):
        byte = self.u8()
        if byte > 1:
            raise ProtocolError("neither true nor false")
        return byte == 1

    def byte_string(self):
        return self.raw(self.varint())

    def value(self):
        form = self.u8()
        if form == 1:
            return self.byte_string()
        if form == 2:
            return self.i64()
        if form == 3:
            return [self.byte_string() for _ in range(self.varint())]
        if form == 4:
            elements = [self.byte_string() for _ in range(self.varint())]
            check(elements == sorted(set(elements)), "the elements of a set are not in order")
            return set(elements)
        if form == 5:
            return {self.byte_string(): self.byte_string() for _ in range(self.varint())}
        raise ProtocolError(f"value form {form}")

    def vector(self):
        return [(self.u64(), self.varint()) for _ in range(self.varint())]

    def version(self):
        form = self.u8()
        if form == 1:
            return ("sequence", self.varint(), self.varint())
        if form == 2:
            dot = (self.u64(), self.varint())
            context = self.vector()
            return ("causal", dot, context, self.i64(), self.u32())
        raise ProtocolError(f"version form {form}")


class Client:
    """A connection to one node, with one session."""

    def __init__(self, host, port, token, client=1, group=0):
        self.host, self.port, self.token = host, port, token
        self.socket = socket.create_connection((host, port), timeout=10)
        self.buffer = b""
        self.client = client
        self.group = group
        self.session = 0
        self.sequence = 0
        self.request = 0
        hello = MAGIC + struct.pack(">HHBBQ", 1, 0, ROLE_CLIENT, 0, 0)
        self.send(HELLO, 0, 0, hello + byte_string(token.encode()))
        kind, _, payload = self.receive()
        reader = Reader(payload)
        if kind == REFUSED:
            raise Refused(reader.u16(), reader.byte_string().decode())
        if kind != HELLO or reader.raw(4) != MAGIC or reader.u16() != 1:
            raise ProtocolError("no Hello")
        reader.u16()
        reader.u8()
        if not reader.boolean():
            raise ProtocolError("the node did not say who it is")
        self.member = reader.u64()

    def close(self):
        self.socket.close()

    def send(self, kind, scope, request, payload):
        body = ENVELOPE.pack(kind, scope, request, 0, 0) + payload
        self.socket.sendall(struct.pack(">I", len(body)) + body)

    def receive(self):
        length = struct.unpack(">I", self.exactly(4))[0]
        if not ENVELOPE.size <= length <= FRAME_MAX:
            raise ProtocolError(f"a frame of {length} bytes")
        body = self.exactly(length)
        kind, _, request, _, _ = ENVELOPE.unpack_from(body)
        return kind, request, body[ENVELOPE.size :]

    def exactly(self, count):
        while len(self.buffer) < count:
            piece = self.socket.recv(65536)
            if not piece:
                raise ConnectionLost("the node closed the connection")
            self.buffer += piece
        result, self.buffer = self.buffer[:count], self.buffer[count:]
        return result

    def ask(self, command):
        """Sends one request and waits for its answer."""
        self.sequence += 1
        self.request += 1
        payload = (
            varint(self.client) + varint(self.session) + varint(self.sequence)
            + varint(self.sequence) + command
        )
        self.send(CLIENT_REQUEST, self.group, self.request, payload)
        while True:
            kind, request, answer = self.receive()
            if kind == CLIENT_REPLY and request == self.request:
                return self.outcome(Reader(answer))

    @staticmethod
    def outcome(reader):
        form = reader.u8()
        if form == 1:
            return [reader.value() for _ in range(reader.varint())]
        if form == 2:
            return reader.value() if reader.boolean() else None
        if form == 3:
            raise Mismatch(reader.value() if reader.boolean() else None)
        if form == 4:
            return reader.u64()
        if form == 5:
            code = reader.u16()
            indefinite = reader.boolean()
            reader.boolean()
            reader.u32()
            raise Failed(code, reader.byte_string().decode(), indefinite)
        if form == 6:
            return [reader.value() if reader.boolean() else None for _ in range(reader.varint())]
        if form == 7:
            if reader.u16() != SESSIONS - 0xFF00:
                raise ProtocolError("another service answered")
            return Client.session_reply(reader)
        raise ProtocolError(f"outcome form {form}")

    @staticmethod
    def session_reply(reader):
        form = reader.u8()
        if form == 1:
            names = ["session", "access", "refresh"]
            grant = {name: reader.byte_string().decode() for name in names}
            grant["duration"], grant["access_duration"] = reader.i64(), reader.i64()
            return grant
        if form == 2:
            seen = {name: reader.byte_string().decode() for name in ["session", "user"]}
            seen["region"], seen["expires"], seen["source"] = reader.u16(), reader.i64(), reader.u8()
            return seen
        if form == 3:
            return None
        if form == 4:
            sessions = []
            for _ in range(reader.varint()):
                name = reader.byte_string().decode()
                reader.i64()
                sessions.append((name, reader.boolean()))
            return sessions, [reader.u16() for _ in range(reader.varint())]
        if form == 5:
            reason = reader.u8()
            raise Rejected(reason, reader.byte_string().decode())
        raise ProtocolError(f"session reply form {form}")

    def session_call(self, tag, *texts):
        """Asks the sessions: 1 login, 2 validate, 3 refresh, 4 logout, 5 list, 6 end all."""
        content = b"".join(byte_string(text.encode()) for text in texts)
        return self.operate(b"", b"\x0b" + struct.pack(">H", 0) + bytes([tag]) + content)

    def operate(self, key, operation):
        return self.ask(b"\x02" + byte_string(key) + operation + varint(0))

    def open_session(self):
        self.session = self.ask(b"\x01")

    def read(self, key):
        return self.operate(key, b"\x01")

    def write(self, key, value):
        return self.operate(key, b"\x02" + byte_string(value))

    def delete(self, key):
        return self.operate(key, b"\x03")

    def compare_and_set(self, key, expected, new):
        before = b"\x00" if expected is None else b"\x01" + byte_string(expected)
        return self.operate(key, b"\x04" + before + byte_string(new))

    def add(self, key, element):
        return self.operate(key, b"\x08" + byte_string(element))

    def remove(self, key, element):
        return self.operate(key, b"\x09" + byte_string(element))

    def put(self, key, field, content):
        return self.operate(key, b"\x0a" + byte_string(field) + byte_string(content))

    def transact(self, *steps, key=b""):
        """Carries out steps, ("r", key) or ("w", key, value); returns what each read saw."""
        encoded = b""
        for step in steps:
            encoded += {"r": b"\x01", "w": b"\x02"}[step[0]] + byte_string(step[1])
            if step[0] == "w":
                encoded += byte_string(step[2])
        return self.operate(key, b"\x07" + varint(len(steps)) + encoded)

    def again(self):
        """Lets the next request be a repeat of the last one."""
        self.sequence -= 1


def patiently(action, seconds=20):
    """Repeats what failed for want of a leader, as a node that has just started answers."""
    end = time.monotonic() + seconds
    while True:
        try:
            return action()
        except Failed as error:
            if error.indefinite or time.monotonic() > end:
                raise
            time.sleep(0.05)


def check(condition, text):
    if not condition:
        raise ProtocolError(text)


def transactions(client):
    """Runs transactions and checks their answers."""
    one, two, absent = b"interop-1", b"interop-2", b"interop-3"
    steps = [
        ("r", one), ("w", one, b"a"), ("r", one), ("w", two, b"b"), ("w", one, b"c"), ("r", absent),
    ]
    expected = [None, b"a", None]
    check(patiently(lambda: client.transact(*steps)) == expected, "a transaction read wrongly")
    check(patiently(lambda: client.transact(("r", one), ("r", two))) == [b"c", b"b"],
          "what a transaction wrote is not read")
    # A repeat is answered as the first time, though everything has changed meanwhile.
    check(patiently(lambda: client.transact(("r", two), ("w", two, b"d"))) == [b"b"],
          "a transaction read wrongly")
    client.again()
    check(client.transact(("r", two), ("w", two, b"d")) == [b"b"], "a repeat was answered otherwise")
    for wrong in [
        lambda: client.transact(("r", one), key=one),
        lambda: client.transact(("r", b"")),
        lambda: client.operate(b"", b"\x07\x01\x05" + byte_string(one) + byte_string(b"x")),
    ]:
        try:
            wrong()
            raise ProtocolError("a transaction that is not allowed took effect")
        except Failed as error:
            check(not error.indefinite, "what is not allowed must be definite")
    check(client.read(one) == [b"c"], "a transaction that failed changed something")
    # Without steps it is malformed, which ends the connection.
    lost = Client(client.host, client.port, client.token, group=client.group)
    try:
        lost.transact()
        raise ProtocolError("a transaction without steps was answered")
    except ConnectionLost:
        lost.close()


def merges(host, port, token, sets, maps):
    """Changes a set and a map that are merged, in the groups with these numbers."""
    client = Client(host, port, token, group=sets)
    patiently(lambda: client.add(b"cart", b"pear"))
    patiently(lambda: client.add(b"cart", b"fig"))
    patiently(lambda: client.remove(b"cart", b"pear"))
    patiently(lambda: client.add(b"cart", b"apple"))
    check(client.read(b"cart") == [{b"apple", b"fig"}], "a set is not what was added to it")
    for wrong in [lambda: client.write(b"cart", b"x"), lambda: client.put(b"cart", b"x", b"y")]:
        try:
            wrong()
            raise ProtocolError("an operation of another type took effect on a set")
        except Failed as error:
            check(not error.indefinite, "what is not supported must be definite")
    client.close()
    client = Client(host, port, token, group=maps)
    patiently(lambda: client.put(b"profile", b"name", b"ann"))
    patiently(lambda: client.put(b"profile", b"town", b"ulm"))
    patiently(lambda: client.put(b"profile", b"name", b"eve"))
    patiently(lambda: client.remove(b"profile", b"town"))
    check(client.read(b"profile") == [{b"name": b"eve"}], "a map is not what was put into it")
    client.close()


def rejected(action, reason, text):
    try:
        action()
    except Rejected as rejection:
        check(rejection.reason == reason, f"{text}: {rejection}")
        return
    raise ProtocolError(text)


def until(action, seconds=20):
    """Repeats something until it is so."""
    end = time.monotonic() + seconds
    while not action():
        check(time.monotonic() < end, "it did not come to be so")
        time.sleep(0.05)


def sessions(host, port, other_port, token):
    """Logs in on one node and validates on another."""
    home = Client(host, port, token, client=77, group=SESSIONS)
    away = Client(host, other_port, token, client=78, group=SESSIONS)
    grant = patiently(lambda: home.session_call(1, "ada", "laptop", "192.0.2.1"))
    check(grant["access"].count(".") == 2, "an access token is no JSON Web Token")
    home.again()
    repeat = home.session_call(1, "ada", "laptop", "192.0.2.1")
    check(repeat["session"] == grant["session"], "a repeated login opened another session")
    seen = patiently(lambda: away.session_call(2, grant["access"]))
    check((seen["session"], seen["user"]) == (grant["session"], "ada"), "another session was found")
    check(seen["region"] == 0, "the session was opened elsewhere")
    head, body, signature = grant["access"].split(".")
    other = "A" if signature[0] != "A" else "B"
    forged = ".".join([head, body, other + signature[1:]])
    rejected(lambda: away.session_call(2, forged), FORGED, "a forged token was accepted")
    rejected(lambda: away.session_call(2, "no token"), FORGED, "no token was accepted")
    rejected(lambda: away.session_call(2, grant["refresh"]), FORGED, "a token of another kind")
    fresh = patiently(lambda: away.session_call(3, grant["refresh"]))
    check(fresh["session"] == grant["session"], "a refresh gave another session")
    patiently(lambda: home.session_call(2, fresh["access"]))
    rejected(lambda: away.session_call(3, grant["refresh"]), SUPERSEDED, "a token was used twice")
    second = patiently(lambda: away.session_call(1, "ada", "phone", "192.0.2.2"))
    names = sorted([grant["session"], second["session"]])
    listed = patiently(lambda: home.session_call(5, fresh["access"]))
    check(([name for name, _ in listed[0]], listed[1]) == (names, []), "not all are listed")
    check(patiently(lambda: away.session_call(4, fresh["access"])) is None, "a logout's answer")
    rejected(lambda: away.session_call(2, fresh["access"]), REVOKED, "an ended session validated")

    def ended(client, shown):
        try:
            client.session_call(2, shown)
            return False
        except Rejected as rejection:
            check(rejection.reason == REVOKED, f"rejected otherwise: {rejection}")
            return True

    until(lambda: ended(home, fresh["access"]))
    patiently(lambda: home.session_call(6, second["access"]))
    until(lambda: ended(away, second["access"]))
    home.close()
    away.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--token", required=True)
    parser.add_argument("--group", type=int, default=0)
    parser.add_argument("--sets", type=int, help="a group of sets")
    parser.add_argument("--maps", type=int, help="a group of maps")
    parser.add_argument("--sessions-at", type=int)
    options = parser.parse_args()

    try:
        Client(options.host, options.port, options.token + "x")
        raise ProtocolError("a wrong token was accepted")
    except Refused as refusal:
        check(refusal.reason == REFUSED_TOKEN, f"refused for another reason: {refusal}")

    client = Client(options.host, options.port, options.token, group=options.group)
    patiently(client.open_session)
    key = b"interop"
    patiently(lambda: client.write(key, b"one"))
    check(patiently(lambda: client.read(key)) == [b"one"], "the value written is not read")
    patiently(lambda: client.compare_and_set(key, b"one", b"two"))
    try:
        client.compare_and_set(key, b"one", b"three")
        raise ProtocolError("a compare-and-set took effect on another value")
    except Mismatch as mismatch:
        check(mismatch.actual == b"two", "the mismatch tells another value")
    patiently(lambda: client.delete(key))
    check(client.read(key) == [], "a deleted key has a value")
    try:
        client.operate(b"k" * 1024, b"\x06" + struct.pack(">q", 1))
        raise ProtocolError("an increment of a register took effect")
    except Failed as error:
        check(not error.indefinite, "what is not supported must be definite")
    transactions(client)
    client.close()
    if options.sets is not None and options.maps is not None:
        merges(options.host, options.port, options.token, options.sets, options.maps)
    if options.sessions_at is not None:
        sessions(options.host, options.port, options.sessions_at, options.token)
    print("interop ok")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (ProtocolError, Refused, Failed, Rejected, Mismatch, OSError) as problem:
        print(f"interop failed: {problem}", file=sys.stderr)
        sys.exit(1)
