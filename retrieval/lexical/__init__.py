"""Search by words: BM25 over the passages that PostgreSQL holds."""
