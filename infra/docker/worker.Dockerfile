# A worker. Without TORCH_INDEX it gets the CUDA build, which also runs on a CPU.
FROM python:3.12-slim-bookworm AS wheel
WORKDIR /src
RUN pip install --no-cache-dir build
COPY . .
RUN python -m build --wheel

FROM python:3.12-slim-bookworm
ARG TORCH_INDEX=""
COPY constraints.txt /tmp/
COPY --from=wheel /src/dist/*.whl /tmp/
RUN wheel="$(ls /tmp/tailbase-*.whl)" \
    && pip install --no-cache-dir --constraint /tmp/constraints.txt ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} \
       "${wheel}[worker]" \
    && rm /tmp/*.whl /tmp/constraints.txt \
    && useradd --system --uid 10001 --create-home --home-dir /var/lib/tailbase tailbase
ENV PYTHONUNBUFFERED=1 TAILBASE_DATA_DIR=/var/lib/tailbase
USER tailbase
WORKDIR /var/lib/tailbase
# Docker sends SIGTERM; the worker then hands its job back.
CMD ["python", "-m", "tailbase_worker"]
