"""Many people who want the same places at the same moment, in processes of their own."""

import http.client
import multiprocessing
import re
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from urllib.parse import urlencode

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
PRICE = re.compile(r'name="price" value="([^"]+)"')


@dataclass(frozen=True)
class Answer:
    """What one person was told."""

    status: int
    location: str
    page: str


def rush(*, port: int, path: str, cookies: list[str], processes: int) -> list[Answer]:
    """Everyone opens the form, waits for the others, and sends it; what each was told.

    ``cookies`` are the session cookies, one a person, dealt out evenly to the processes.
    """
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(processes)
    hands = [cookies[number::processes] for number in range(processes)]
    queue: multiprocessing.Queue[list[Answer] | Exception] = context.Queue()
    workers = [
        context.Process(target=_several, args=(port, path, hand, barrier, queue)) for hand in hands
    ]
    for worker in workers:
        worker.start()
    hauls = [queue.get(timeout=120) for _ in workers]
    for worker in workers:
        worker.join(timeout=30)
    for haul in hauls:
        if isinstance(haul, Exception):
            raise haul
    return [answer for haul in hauls if isinstance(haul, list) for answer in haul]


def _several(
    port: int, path: str, cookies: list[str], barrier: Barrier, queue: "multiprocessing.Queue"
) -> None:
    try:
        forms = [_open_form(port, path, cookie) for cookie in cookies]
        barrier.wait(timeout=90)
        queue.put([_send(port, path, headers, body) for headers, body in forms])
    except Exception as error:
        barrier.abort()
        queue.put(error)
        raise


def _open_form(port: int, path: str, cookie: str) -> tuple[dict[str, str], str]:
    connection = http.client.HTTPConnection("localhost", port, timeout=60)
    connection.request("GET", path, headers={"Cookie": cookie})
    response = connection.getresponse()
    page = response.read().decode()
    token, price = TOKEN.search(page), PRICE.search(page)
    if not token or not price:
        raise RuntimeError(f"no form: {response.status} {page[:500]}")
    csrf = (response.headers["Set-Cookie"] or "").split(";")[0]
    headers = {
        "Cookie": f"{cookie}; {csrf}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    connection.close()
    return headers, urlencode({"csrfmiddlewaretoken": token[1], "price": price[1]})


def _send(port: int, path: str, headers: dict[str, str], body: str) -> Answer:
    connection = http.client.HTTPConnection("localhost", port, timeout=90)
    connection.request("POST", path, body, headers)
    response = connection.getresponse()
    answer = Answer(response.status, response.headers["Location"] or "", response.read().decode())
    connection.close()
    return answer
