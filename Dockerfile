# Build: everything is installed from the lock, by hash, into an environment of its own.
FROM python:3.13-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
RUN python -m venv --without-pip /venv
COPY requirements.lock ./
RUN python -m pip --python /venv/bin/python install --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY cogs cogs
COPY migrations migrations
COPY sandbox/__init__.py sandbox/__init__.py
RUN python -m pip --python /venv/bin/python install --no-deps --no-build-isolation . \
    && python -m pip --python /venv/bin/python uninstall --yes \
        hatchling editables pathspec pluggy packaging trove-classifiers tomlkit

# Run: Python, the environment and a user without rights.
FROM python:3.13-slim-bookworm
# VL Gothic (8 MB) writes what Pillow and matplotlib have no letters for: Japanese words in pictures and charts.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends fonts-vlgothic \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin easel \
    && install --directory --owner easel --group easel --mode 700 /data
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DATA_DIR=/data HTTP_HOST=0.0.0.0 HTTP_PORT=8080 LOG_FORMAT=json
USER easel
WORKDIR /data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"HTTP_PORT\"]}/healthz', timeout=3)"]
ENTRYPOINT ["easel"]
CMD ["run"]
