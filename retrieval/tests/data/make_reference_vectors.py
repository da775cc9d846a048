"""Make `reference_vectors.json`: what sentence-transformers gives for a few texts.

    HF_HUB_OFFLINE=1 python -m retrieval.tests.data.make_reference_vectors

Needs requirements.txt. With the file in the repository, the embedder without
torch is held to the same vectors on every machine.
"""

import json
from pathlib import Path

from sentence_transformers import SentenceTransformer

from retrieval.embedders.weights import model_folder

TEXTS = (
    "",
    "photosynthesis",
    "Plants turn light, water and carbon dioxide into sugar and oxygen.",
    "How do I hand in my homework late?",
    "The derivative of a sum is the sum of the derivatives.",
    "def area(radius):\n    return math.pi * radius ** 2",
    "SELECT name, grade FROM students WHERE grade >= 5.5;",
    "Year | Harvest | Price\n1845 | 12 t | 3.20\n1846 | 4 t | 9.75",
    "Die Französische Revolution begann im Jahr 1789.",
    "L'élève a oublié son cahier à l'école.",
    "¿Cuál es la capital de Perú?",
    "水の沸点は摂氏百度です。",
    "Вода кипит при ста градусах.",
    "الماء يغلي عند مئة درجة",
    "Bring sunscreen ☀️ and a friend 👩‍🔬!",
    "e = mc² ∴ m = e ÷ c²",
    "UPPER CASE and lower case are read alike",
    "[CLS] marks in the text [SEP] itself",
    "Donaudampfschifffahrtsgesellschaftskapitän" * 4,
    "A very long lesson goes on and on. " * 60,
)


def main() -> None:
    model = SentenceTransformer(str(model_folder()), device="cpu", local_files_only=True)
    vectors = model.encode(list(TEXTS), normalize_embeddings=True)
    rows = [
        {"text": text, "vector": [round(float(value), 6) for value in vector]}
        for text, vector in zip(TEXTS, vectors, strict=True)
    ]
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    target = Path(__file__).with_name("reference_vectors.json")
    target.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
