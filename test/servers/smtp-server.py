"""A mail server that keeps what it is given, one file a mail. It asks for STARTTLS and a login before it takes anything.

Arguments: port, folder, certificate, key, user, password. Files in the folder change what it does: `busy` answers 451 to the content,
`refuse` answers 554 to it and `quota` 550 5.4.5, a file named like a recipient answers 452 to that one, and one named `no` and the recipient 550.
"""
import os
import ssl
import sys
import threading
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

port, folder, certificate, key, user, password = sys.argv[1:]


def told(name):
    return os.path.exists(os.path.join(folder, name))


class Keeper:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if told(address):
            return "452 4.2.2 mailbox full"
        if told("no " + address):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if told("busy"):
            return "451 4.3.0 try again later"
        if told("refuse"):
            return "554 5.6.0 this content is not taken"
        if told("quota"):
            return "550 5.4.5 daily sending limit exceeded"
        name = os.path.join(folder, f"{time.time_ns()}")
        with open(name + ".part", "wb") as file:
            file.write(("X-Test-To: " + " ".join(envelope.rcpt_tos) + "\r\n").encode())
            file.write(("X-Test-Tls: " + str(session.ssl is not None) + "\r\n").encode())
            file.write(envelope.original_content)
            file.flush()
            os.fsync(file.fileno())
        os.rename(name + ".part", name + ".eml")
        return "250 kept"


def check(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and data.login == user.encode() and data.password == password.encode()
    return AuthResult(success=good, handled=good)


context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(certificate, key)
Controller(
    Keeper(),
    hostname="127.0.0.1",
    port=int(port),
    tls_context=context,
    require_starttls=True,
    authenticator=check,
    auth_required=True,
    auth_require_tls=True,
).start()
print("ready", flush=True)
threading.Event().wait()
