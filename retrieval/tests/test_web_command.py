"""`manage.py ingest_web`."""

import json
from pathlib import Path

import pytest

from config.commands import run_command_line
from retrieval.models import WebPage
from retrieval.tests.web_server import Answer, WebServer
from retrieval.tests.web_site import BREAD, TIDES, sitemap

pytestmark = pytest.mark.django_db(transaction=True)


def run(*arguments: str) -> int:
    try:
        return run_command_line(["manage.py", "ingest_web", *arguments])
    except SystemExit as exit_:
        return int(exit_.code or 0)


def test_addresses_here_and_now(site: WebServer, capsys: pytest.CaptureFixture[str]) -> None:
    urls = [site.page("/a", TIDES), site.page("/b", BREAD)]
    assert run(*urls) == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == [f"{urls[0]}: 1 passage, Oceans", f"{urls[1]}: 1 passage, Baking"]
    assert err == ""
    site.page("/a", BREAD)
    assert run(*urls) == 0
    assert capsys.readouterr().out.splitlines() == [f"{url}: unchanged" for url in urls]
    assert run(urls[0], "--refresh") == 0
    assert capsys.readouterr().out == f"{urls[0]}: says the same as {urls[1]}\n"


def test_a_page_that_fails_stops_no_other(
    site: WebServer, capsys: pytest.CaptureFixture[str]
) -> None:
    private = f"http://10.0.0.1:{site.port}/"
    assert run(site.url("/none"), private, site.page("/a", TIDES)) == 2
    out, err = capsys.readouterr()
    assert out == f"{site.url('/a')}: 1 passage, Oceans\n"
    assert err.splitlines() == [
        f"error: {site.url('/none')}: Its server answers with 404",
        f"error: {private}: 10.0.0.1 is in no public network",
    ]


def test_a_report(site: WebServer, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(site.page("/a", TIDES), site.url("/none"), "--json", "--topic", "Sea") == 2
    good, bad = json.loads(capsys.readouterr().out)
    assert (good["outcome"], good["passages"], good["topic"]) == ("ingested", 1, "Sea")
    assert (bad["outcome"], bad["error_code"]) == ("failed", "gone")


def test_a_list_and_a_sitemap(
    site: WebServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site.answers["/s.xml"] = Answer(sitemap(site.page("/a", TIDES)))
    assert run("--sitemap", site.url("/s.xml")) == 0
    lines = [f"{site.url('/s.xml')}: 1 page", f"{site.url('/a')}: 1 passage, Oceans"]
    assert capsys.readouterr().out.splitlines() == lines
    listed = tmp_path / "list.txt"
    listed.write_text(f"# ours\n{site.page('/b', BREAD)}\n\n")
    assert run("--file", str(listed)) == 0
    assert WebPage.objects.count() == 3
    assert run("--sitemap", site.url("/none.xml")) == 2


def test_a_saved_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page, url = tmp_path / "saved", "https://example.org/tides"
    page.write_text(TIDES)
    assert run("--saved", str(page), "--url", url) == 0
    assert capsys.readouterr().out == f"{url}: 1 passage, Oceans\n"
    assert run("--saved", str(page), "--url", url, "--json", "--topic", "Sea") == 0
    assert json.loads(capsys.readouterr().out)[0]["topic"] == "Sea"


def test_what_the_operator_can_mend(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page, empty, binary = tmp_path / "saved", tmp_path / "empty", tmp_path / "binary"
    page.write_text(TIDES)
    empty.write_text("\n")
    binary.write_bytes(b"\xff\xfe\x00")
    calls = [
        (), ("nonsense",), ("--file", "/no/such"), ("--file", str(empty)), ("--file", str(binary)),
        ("--file", str(tmp_path)), ("--saved", str(page)), ("--saved", "", "--url", "https://x.test"),
        ("--saved", "/no/such", "--url", "https://x.test"), ("--url", "https://x.test"),
        ("--saved", str(page), "--url", "nonsense"), ("--sitemap", "nonsense"),
        ("https://x.test", "--topic", "x" * 201), ("https://x.test", "--saved", str(page)),
    ]  # fmt: skip
    for call in calls:
        assert run(*call) == 2, call
    assert len(capsys.readouterr().err.strip().splitlines()) == len(calls)
    assert not WebPage.objects.exists()
