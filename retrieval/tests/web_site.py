"""Pages and a sitemap for the sites of tests, and who adds and finds them."""

from accounts.tests.factories import TeacherFactory, UserFactory
from retrieval import services
from retrieval.models import WebPage

TIDES = """<html lang="en"><head><title>Tides</title>
<meta property="article:section" content="Oceans"></head><body><nav>Home About</nav>
<main><article><h1>Tides</h1><p>The pull of the moon raises the sea twice a day, and the water
falls again when the earth has turned.</p></article></main><footer>Imprint</footer></body></html>"""
BREAD = TIDES.replace("Tides", "Bread").replace("Oceans", "Baking").replace(
    "The pull of the moon raises the sea twice a day", "Yeast makes the dough rise for an hour"
)  # fmt: skip


def sitemap(*urls: str) -> bytes:
    listed = "".join(f"<url><loc>{url}</loc></url>" for url in urls)
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return f'<urlset xmlns="{space}">{listed}</urlset>'.encode()


def add(url: str, **options: object) -> WebPage:
    """A page that a teacher adds, as the ledger has it when the workers are through."""
    (page,) = services.web_pages_add(actor=TeacherFactory(), urls=[url], **options)
    return WebPage.objects.get(pk=page.pk)


def found(query: str) -> list[str]:
    """The addresses that somebody finds."""
    result = services.search_web(user=UserFactory(), query=query)
    return [hit.passage.source_url for hit in result.hits]
