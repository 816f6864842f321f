"""The floor of a live stream: a bare server that writes the same bytes to everybody who has connected, at each byte of the first one.

python tests/bench/bare_fanout.py SOCKET SIZE
"""

import asyncio
import sys


async def serve(path: str, size: int) -> None:
    """Until it is ended."""
    readers: list[asyncio.StreamWriter] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        readers.append(writer)
        writer.write(b"x" * size)
        while await reader.read(1):
            for one in readers:
                one.write(b"x" * size)

    async with await asyncio.start_unix_server(connected, path) as server:
        print("ready", flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
