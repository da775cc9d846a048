# Two stages: the compiler's leavings stay in the first.
FROM python:3.12-slim AS build
WORKDIR /app
RUN python -m venv /venv
COPY requirements.txt ./
COPY requirements ./requirements
# requirements/run.txt is the platform on its own embedder; requirements.txt adds the
# production engines' drivers and sentence-transformers (with torch, about 6 GB).
ARG REQUIREMENTS=requirements/run.txt
RUN /venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r "$REQUIREMENTS"

FROM python:3.12-slim
RUN useradd --create-home --uid 10001 lectern
WORKDIR /app
COPY --from=build /venv /venv
COPY --chown=lectern . .
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 DJANGO_SETTINGS_MODULE=config.settings
RUN mkdir -p var && chown lectern var
USER lectern
CMD ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "8"]
