"""Pages and a sitemap for the sites of tests."""

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
