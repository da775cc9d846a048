# The platform on one of its two embedders:
#
#   docker build .
#   docker build --build-arg EMBEDDER=sentence-transformers .
#
# Packages are installed in stages of their own, so no compiler's leavings reach the last one.
ARG EMBEDDER=onnx

FROM python:3.12-slim AS build
WORKDIR /app
RUN python -m venv /venv
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.txt ./
COPY requirements ./requirements

FROM build AS packages-onnx
RUN /venv/bin/pip install --no-deps --require-hashes -r requirements/run.txt

# torch from its own index of builds for the CPU: the one of the lock brings CUDA, some 5 GB that
# nothing here could use. Its version is the lock's; its hash is not, which only TLS vouches for.
FROM build AS packages-sentence-transformers
RUN sh requirements/without-cuda > without-cuda.txt \
    && /venv/bin/pip install --no-deps --require-hashes -r without-cuda.txt \
    && /venv/bin/pip install --no-deps --index-url https://download.pytorch.org/whl/cpu \
        "$(sh requirements/without-cuda torch)"

FROM packages-${EMBEDDER} AS packages

FROM python:3.12-slim AS base-onnx
ENV EMBEDDER=retrieval.embedders.onnx.OnnxEmbedder

FROM python:3.12-slim AS base-sentence-transformers
ENV EMBEDDER=retrieval.embedders.sentence_transformers.SentenceTransformersEmbedder

FROM base-${EMBEDDER}
# Reads pages that are pictures. It knows English; each other language is a package of its own:
#   docker build --build-arg OCR_PACKAGES="tesseract-ocr tesseract-ocr-deu" .
ARG OCR_PACKAGES=tesseract-ocr
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ${OCR_PACKAGES} \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home --uid 10001 lectern
WORKDIR /app
COPY --from=packages /venv /venv
# The code belongs to root: the platform writes to var and /tmp only.
COPY . .
RUN mkdir -p var && chown lectern var
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings
USER lectern
CMD ["gunicorn", "config.wsgi:application", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "8", "--timeout", "120", "--access-logfile", "-", "--logger-class", "config.logs.AccessLogger", "--no-control-socket"]
