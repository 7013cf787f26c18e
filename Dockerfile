# One image for web, workers, clock and migrations; the command chooses. It holds no key, no data and no simulator.
# NEVER BUILT: no container engine was at hand. What it runs is what `make demo` runs; tests/docs compares the lines.

FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1
WORKDIR /app
RUN python3 -m venv .venv
COPY requirements.lock ./
RUN .venv/bin/python -m pip --disable-pip-version-check install --require-hashes -r requirements.lock
COPY LICENSE README.md pyproject.toml ./
COPY gateway gateway
COPY menus menus
COPY migrations migrations
COPY operations operations
COPY packs packs
COPY worker worker
RUN .venv/bin/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation -e .

FROM python:3.11-slim-bookworm
WORKDIR /app
COPY --from=build /app /app
# Nothing is written to the disk: the file system may be read-only.
ENV PATH=/app/.venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
# A new volume takes over owner and mode from here.
RUN install -d -o 10001 -g 10001 -m 0700 /files
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
# For the web, which the image runs unless told otherwise; the other parts listen to nothing and switch it off.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=3); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["baraza"]
CMD ["web", "--host", "0.0.0.0", "--port", "8000"]
