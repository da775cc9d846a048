"""Fetching pages: what is refused, and that nothing lasts or grows for ever."""

import gzip
import ssl
import subprocess
import time
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import environment, limits
from retrieval.tests.web_server import LOOPBACK, Answer, WebServer, web_server
from retrieval.web.addresses import is_allowed
from retrieval.web.errors import FetchFailed, HttpStatus, Refused, Unreachable
from retrieval.web.fetch import SafeFetcher, default_fetcher, user_agent

PAGE = "<html><title>Tides</title><p>The moon.</p></html>"


@pytest.fixture
def server() -> Iterator[WebServer]:
    with web_server() as found:
        yield found


def self_signed(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate of this name, and its key."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={name}".split()
    files = ["-addext", f"subjectAltName=DNS:{name}", "-keyout", key, "-out", certificate]
    subprocess.run([*command, *files], check=True, capture_output=True)
    return certificate, key


def failing(fetcher: SafeFetcher, url: str, **options: Any) -> FetchFailed:
    started = time.monotonic()
    with pytest.raises(FetchFailed) as caught:
        fetcher.fetch(url, **options)
    assert time.monotonic() - started < 5
    assert len(str(caught.value).splitlines()) == 1
    return caught.value


def test_a_page_and_what_its_server_says_of_it(server: WebServer) -> None:
    url = server.page("/tides", PAGE, ETag='"1"')
    got = server.fetcher().fetch(url)
    assert (got.url, got.body.decode(), got.content_type) == (url, PAGE, "text/html")
    assert (got.charset, got.etag, got.not_modified) == ("utf-8", '"1"', False)
    assert server.asked[0][1]["user-agent"] == user_agent()
    again = server.fetcher().fetch(url, etag=got.etag)
    assert (again.not_modified, again.body) == (True, b"")


@pytest.mark.parametrize("url", [
    "http://127.0.0.1/", "http://localhost/", "http://localhost./", "http://[::1]/",
    "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://169.254.169.254/latest/",
    "http://10.0.0.1/", "http://192.168.1.1:8080/", "http://0.0.0.0/", "http://100.64.0.1/",
    "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://[fd00::1]/", "http://[fe80::1]/",
    "http://224.0.0.1/", "http://[ff02::1]/", "http://255.255.255.255/", "http://[::]/",
    "http://[2001:0:7f00:1::]/", "http://[::127.0.0.1]/", "http://１２７.0.0.1/",
    "http://127。0。0。1/", "http://①②⑦.0.0.1/", "http://LOCALHOST/", "http://127.0.0.1./",
])  # fmt: skip
def test_no_private_network_is_ever_asked(url: str) -> None:
    assert failing(SafeFetcher(), url).code == "private_address"


@pytest.mark.parametrize("url", [
    "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/", "http://127.1/",
    "http://user@example.org/", "http://user:secret@example.org/", "ftp://example.org/",
    "file:///etc/passwd", "gopher://example.org/", "data:text/html,x", "http:///", "//example.org",
    "http://exa mple.org/", "http://a..b/", "http://.example.org/", "http://-.[::1]/",
    "http://example.org\\@127.0.0.1/", "http://[fe80::1%25eth0]/",
    "http://example.org:0/", "http://example.org:99999/", "http://example.org\n.test/",
])  # fmt: skip
def test_addresses_that_are_none_of_a_page(url: str) -> None:
    assert failing(SafeFetcher(), url).code == "address"


@pytest.mark.parametrize("port", [22, 25, 6379, 5432, 11211])
def test_only_ports_of_the_web(port: int) -> None:
    assert failing(SafeFetcher(networks=LOOPBACK), f"http://127.0.0.1:{port}/").code == "port"


def test_public_addresses_and_those_that_wrap_one() -> None:
    for address in ("1.1.1.1", "2606:4700::1111", "64:ff9b::1.1.1.1", "::ffff:1.1.1.1"):
        assert is_allowed(address)
    for address in ("", "x", "192.0.2.1", "198.18.0.1", "2001:db8::1", "3fff::1", "fe80::1%1"):
        assert not is_allowed(address)
    assert is_allowed("10.2.3.4", (ip_network("10.2.0.0/16"),))
    assert not is_allowed("10.3.3.4", (ip_network("10.2.0.0/16"),))


def test_a_name_that_changes_its_address_between_two_questions() -> None:
    """127.0.0.2 stands for the public here, 127.0.0.1 for what is inside."""
    answers, questions = iter([["127.0.0.2"], ["127.0.0.1"]]), []

    def rebinding(host: str, port: int) -> list[str]:
        questions.append(host)
        return next(answers)

    public = (ip_network("127.0.0.2/32"),)
    with web_server("127.0.0.2") as outside:
        outside.page("/first", PAGE)
        outside.redirect("/again", "/first")
        fetcher = outside.fetcher(networks=public, resolver=rebinding)
        # One question for one connection: there is no second one that could be answered otherwise.
        assert fetcher.fetch(outside.url("/first", "rebind.test")).body
        assert questions == ["rebind.test"]
        assert outside.asked[0][1]["host"] == f"rebind.test:{outside.port}"
        # The next connection is looked at anew.
        assert failing(fetcher, outside.url("/first", "rebind.test")).code == "private_address"
        assert len(outside.asked) == 1
        answers = iter([["127.0.0.2"], ["127.0.0.1"]])
        assert failing(fetcher, outside.url("/again", "rebind.test")).code == "private_address"
        assert outside.paths() == ["/first", "/again"]


def test_one_private_address_among_public_ones_is_enough(server: WebServer) -> None:
    fetcher = server.fetcher(resolver=lambda host, port: ["127.0.0.1", "10.0.0.1"])
    assert failing(fetcher, server.url("/", "both.test")).code == "private_address"
    assert server.asked == []


def test_a_host_that_is_not_known_and_one_that_does_not_answer(server: WebServer) -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise OSError

    assert failing(server.fetcher(resolver=unknown), server.url("/")).code == "unknown_host"
    closed = SafeFetcher(networks=LOOPBACK, ports={1})
    error = failing(closed, "http://127.0.0.1:1/")
    assert (type(error), error.code) == (Unreachable, "unreachable")


def test_redirects_share_one_time(server: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "WEB_SECONDS", 0.5)

    def slow(handler: Any) -> None:
        time.sleep(0.3)
        handler.wfile.write(b"HTTP/1.1 302 Found\r\nLocation: /slow\r\n\r\n")

    server.answers["/slow"] = Answer(send=slow)
    assert failing(server.fetcher(), server.url("/slow")).code == "timeout"
    assert len(server.asked) == 2


def test_networks_of_the_school_are_named_by_the_environment(
    server: WebServer, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert settings.WEB_ALLOWED_NETWORKS == ()
    monkeypatch.setenv("X", "10.20.0.0/16, fd00::/8")
    networks = environment.networks("X")
    assert networks == (ip_network("10.20.0.0/16"), ip_network("fd00::/8"))
    settings.WEB_ALLOWED_NETWORKS = LOOPBACK
    error = failing(default_fetcher(), "http://127.0.0.1:8443/")
    assert (type(error), error.code) == (Unreachable, "unreachable")
    for wrong in ("10.20.0.1/16", "x", "10.0.0.0/33"):
        monkeypatch.setenv("X", wrong)
        with pytest.raises(ImproperlyConfigured):
            environment.networks("X")


def test_a_resolver_that_hangs_is_left(server: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "WEB_SECONDS", 0.2)

    def hanging(host: str, port: int) -> list[str]:
        time.sleep(1)
        return ["127.0.0.1"]

    assert failing(server.fetcher(resolver=hanging), server.url("/")).code == "timeout"


@pytest.mark.parametrize(("target", "code"), [
    ("http://169.254.169.254/latest/meta-data/", "private_address"),
    ("file:///etc/passwd", "address"),
    ("ftp://example.org/x", "address"),
    ("javascript:alert(1)", "address"),
    ("http://admin:secret@127.0.0.1/", "address"),
    ("http://127.0.0.1:6379/", "port"),
    ("//169.254.169.254/", "private_address"),
    ("http://[", "redirects"),
    ("", "redirects"),
])  # fmt: skip
def test_where_redirects_may_not_lead(server: WebServer, target: str, code: str) -> None:
    url = server.redirect("/out", target)
    fetcher = server.fetcher(networks=(ip_network("127.0.0.1/32"),), ports={server.port, 80})
    assert failing(fetcher, url).code == code


def test_redirects_are_followed_and_end(server: WebServer) -> None:
    server.page("/end", PAGE)
    server.redirect("/relative", "end")
    assert server.fetcher().fetch(server.redirect("/start", "/relative")).url == server.url("/end")
    assert failing(server.fetcher(), server.redirect("/loop", "/loop")).code == "redirects"
    assert server.paths().count("/loop") == 1 + limits.WEB_REDIRECTS


def test_each_request_is_told_before_it_is_made(server: WebServer) -> None:
    server.page("/end", PAGE)
    seen: list[str] = []
    server.fetcher().fetch(server.redirect("/start", "/end"), before=seen.append)
    assert seen == [server.url("/start"), server.url("/end")]


@pytest.mark.parametrize(("status", "kind", "code"), [
    (404, HttpStatus, "gone"), (410, HttpStatus, "gone"), (403, HttpStatus, "http_error"),
    (429, Unreachable, "server_error"), (500, Unreachable, "server_error"),
    (503, Unreachable, "server_error"), (204, HttpStatus, "http_error"),
])  # fmt: skip
def test_errors_of_the_server(server: WebServer, status: int, kind: type, code: str) -> None:
    server.answers["/x"] = Answer(status=status)
    error = failing(server.fetcher(), server.url("/x"))
    assert (type(error), error.code) == (kind, code)


def test_only_what_is_a_page_is_read(server: WebServer) -> None:
    server.answers["/x"] = Answer(b"GIF89a", headers={"Content-Type": "image/gif"})
    assert failing(server.fetcher(), server.url("/x")).code == "content_type"
    server.answers["/x"] = Answer(b"x", headers={"Content-Encoding": "br"})
    assert failing(server.fetcher(), server.url("/x")).code == "content_encoding"
    server.answers["/x"] = Answer(b"<p>x", headers={})
    assert server.fetcher().fetch(server.url("/x")).content_type == "text/html"


def test_sizes(server: WebServer) -> None:
    packed = {"Content-Type": "text/html", "Content-Encoding": "gzip"}
    server.answers["/packed"] = Answer(gzip.compress(PAGE.encode()), headers=packed)
    assert server.fetcher().fetch(server.url("/packed")).body.decode() == PAGE
    bomb = gzip.compress(b"0" * 50_000_000)
    assert len(bomb) < 100_000
    server.answers["/bomb"] = Answer(bomb, headers=packed)
    for path in ("/packed", "/bomb"):
        too_much = failing(server.fetcher(), server.url(path), max_bytes=20)
        assert (type(too_much), too_much.code) == (Refused, "too_large")
    assert failing(server.fetcher(), server.url("/bomb"), max_bytes=10_000_000).code == "too_large"
    cut = server.fetcher().fetch(server.url("/bomb"), max_bytes=1000, cut=True)
    assert cut.body == b"0" * 1000
    server.answers["/damaged"] = Answer(b"\x1f\x8bnonsense", headers=packed)
    assert failing(server.fetcher(), server.url("/damaged")).code == "damaged"


def test_a_body_without_end(server: WebServer) -> None:
    def endless(handler: Any) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        while True:
            handler.wfile.write(b"x" * 65536)

    server.answers["/x"] = Answer(send=endless)
    assert failing(server.fetcher(), server.url("/x"), max_bytes=1_000_000).code == "too_large"


@pytest.mark.parametrize("start", [
    b"", b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n",
])  # fmt: skip
def test_an_answer_that_trickles(
    server: WebServer, monkeypatch: pytest.MonkeyPatch, start: bytes
) -> None:
    monkeypatch.setattr(limits, "WEB_SECONDS", 0.4)

    def trickle(handler: Any) -> None:
        handler.wfile.write(start or b"H")
        for _ in range(100):
            handler.wfile.write(b"a")
            time.sleep(0.05)

    server.answers["/x"] = Answer(send=trickle)
    assert failing(server.fetcher(), server.url("/x")).code == "timeout"


@pytest.mark.parametrize("answer", [
    b"HTTP/1.1 200 OK\r\n" + b"X-Big: " + b"x" * 300_000 + b"\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000 + b"\r\n",
    b"no http at all\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
    b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
])  # fmt: skip
def test_answers_that_are_none(server: WebServer, answer: bytes) -> None:
    server.answers["/x"] = Answer(send=lambda handler: handler.wfile.write(answer))
    assert isinstance(failing(server.fetcher(), server.url("/x")), Unreachable)


def test_certificates_are_looked_at_and_the_name_in_them_too(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path, "good.test")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    trusting = ssl.create_default_context(cafile=certificate)
    here = {"resolver": lambda host, port: ["127.0.0.1"]}
    with web_server(tls=tls) as server:
        server.page("/", PAGE)
        server.redirect("/down", server.url("/", "good.test").replace("https", "http"))
        good, bad = server.url("/", "good.test"), server.url("/", "bad.test")
        assert failing(server.fetcher(**here), good).code == "certificate"
        fetcher = server.fetcher(**here, ssl_context=trusting)
        assert fetcher.fetch(good).body.decode() == PAGE
        assert failing(fetcher, bad).code == "certificate"
        down = server.url("/down", "good.test")
        assert failing(fetcher, down).code == "insecure_redirect"


def test_no_proxy_of_the_environment_is_used(
    server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert server.fetcher().fetch(server.page("/", PAGE)).body
