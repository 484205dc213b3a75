# The API with the built page. The same image runs the migrations.
FROM node:20-bookworm-slim AS page
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci
COPY frontend/ ./
RUN npm run build

FROM python:3.12-slim-bookworm AS wheel
WORKDIR /src
RUN pip install --no-cache-dir build
COPY . .
COPY --from=page /src/backend/tailbase_api/web backend/tailbase_api/web
RUN python -m build --wheel

FROM python:3.12-slim-bookworm
COPY constraints.txt /tmp/
COPY --from=wheel /src/dist/*.whl /tmp/
RUN wheel="$(ls /tmp/tailbase-*.whl)" \
    && pip install --no-cache-dir --constraint /tmp/constraints.txt "${wheel}[server]" \
    && rm /tmp/*.whl /tmp/constraints.txt \
    && useradd --system --uid 10001 --create-home --home-dir /var/lib/tailbase tailbase
ENV PYTHONUNBUFFERED=1 TAILBASE_DATA_DIR=/var/lib/tailbase
USER tailbase
WORKDIR /var/lib/tailbase
EXPOSE 8420
CMD ["python", "-m", "tailbase_api", "--host", "0.0.0.0", "--port", "8420"]
