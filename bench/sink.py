"""`python -m bench.sink`: an S3 that forgets; reads PUTs as fast as the machine can, keeps nothing.

Prints its port on the first line, then the byte count of each PUT that came in whole.
"""

import socket
import threading

CHUNK = 1 << 20
# What a bucket's CORS configuration would have S3 answer.
CORS = (
    "Access-Control-Allow-Origin: *\r\n"
    "Access-Control-Allow-Methods: PUT, HEAD\r\n"
    "Access-Control-Allow-Headers: content-type, content-disposition, if-none-match\r\n"
    "Access-Control-Expose-Headers: ETag\r\n"
    "Access-Control-Max-Age: 3000\r\n"
)
STATUS = {"OPTIONS": "200 OK", "PUT": '200 OK\r\nETag: "0"', "HEAD": "404 Not Found"}


def answer(connection: socket.socket) -> None:
    """Serve one connection until its client is done with it."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    buffer = memoryview(bytearray(CHUNK))
    received = b""
    with connection:
        while True:
            while b"\r\n\r\n" not in received:
                more = connection.recv(CHUNK)
                if not more:
                    return
                received += more
            head, _, received = received.partition(b"\r\n\r\n")
            method, length = parse(head)
            left = length - len(received)
            received = b""
            while left > 0:
                read = connection.recv_into(buffer, min(left, CHUNK))
                if not read:
                    return
                left -= read
            if method == "PUT":
                print(f"{length}\n", end="", flush=True)  # one write, whole among threads
            reply = f"HTTP/1.1 {STATUS[method]}\r\n{CORS}Content-Length: 0\r\n\r\n"
            connection.sendall(reply.encode())


def parse(head: bytes) -> tuple[str, int]:
    """The method and Content-Length of a request (0 when it has none)."""
    request, *headers = head.decode("latin-1").split("\r\n")
    lengths = (line.split(":")[1] for line in headers if line.lower().startswith("content-length:"))
    return request.split()[0], int(next(lengths, "0"))


def main() -> None:
    """Listen on a free port of loopback until killed."""
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=answer, args=(connection,), daemon=True).start()


if __name__ == "__main__":
    main()
