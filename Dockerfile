# The server in images: what is in them and how to run them, docs/deployment.md.
#     docker build -t resay .                            for the CPU, x86-64 and 64-bit ARM: the last stage
#     docker build -t resay-gpu --target gpu .           for NVIDIA GPUs, x86-64
#     docker build -t resay-edge --target edge .         nginx before it: TLS, API keys, rates
#     docker run --rm --init --read-only --tmpfs /tmp -p 127.0.0.1:8080:8080 resay
#     docker run --rm --init --read-only --tmpfs /tmp -p 127.0.0.1:8080:8080 \
#         -v "$PWD/models/reviews:/app/models/reviews:ro" resay models/reviews

# A tag moves; name the digest that you have checked with --build-arg PYTHON_IMAGE=python@sha256:...
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

# The wheel of resay. It is pure Python, but a source tree and build tools are not for the image.
FROM ${PYTHON_IMAGE} AS wheel
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /source
COPY serving/image/requirements-build.txt ./
RUN python -m venv /build \
    && /build/bin/pip install --require-hashes --only-binary :all: -r requirements-build.txt
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
RUN /build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels .

# An environment without pip; the one outside installs into it.
FROM ${PYTHON_IMAGE} AS environment
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv --without-pip /opt/resay
COPY --from=wheel /wheels /wheels

# TorchServe's workers import torch, and use one name of it.
FROM environment AS packages-cpu
COPY serving/image/torch_stand_in/torch.py /opt/resay/lib/python3.11/site-packages/
COPY serving/image/requirements-cpu.txt /requirements.txt
RUN pip --python /opt/resay/bin/python install --require-hashes --only-binary :all: -r /requirements.txt \
    && pip --python /opt/resay/bin/python install --no-deps --no-index /wheels/*.whl

FROM environment AS packages-gpu
COPY serving/image/torch_stand_in/torch.py /opt/resay/lib/python3.11/site-packages/
COPY serving/image/requirements-gpu.txt /requirements.txt
RUN pip --python /opt/resay/bin/python install --require-hashes --only-binary :all: -r /requirements.txt \
    && pip --python /opt/resay/bin/python install --no-deps --no-index /wheels/*.whl

FROM environment AS packages-edge
COPY serving/image/requirements-edge.txt /requirements.txt
RUN pip --python /opt/resay/bin/python install --require-hashes --only-binary :all: -r /requirements.txt \
    && pip --python /opt/resay/bin/python install --no-deps --no-index /wheels/*.whl

# A checkout may be readable by its owner alone, and the server is somebody else.
FROM ${PYTHON_IMAGE} AS files
COPY LICENSE /app/
COPY handlers /app/handlers
COPY serving /app/serving
COPY models/yelp-soft-label /app/models/yelp-soft-label
RUN chmod -R a+rX,go-w /app

FROM ${PYTHON_IMAGE} AS user
RUN groupadd --gid 10001 resay \
    && useradd --uid 10001 --gid 10001 --no-log-init --no-create-home --home-dir /tmp --shell /usr/sbin/nologin resay
# Whatever is written, archives, logs and sockets, goes below /tmp.
ENV PATH=/opt/resay/bin:${PATH} HOME=/tmp PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
STOPSIGNAL SIGTERM
LABEL org.opencontainers.image.title="resay" \
      org.opencontainers.image.description="Sentence embeddings and paraphrases through TorchServe" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="0.1.0"

# Certificate, private key and API keys are mounted, as a folder: a mounted file would stay the old one when it is replaced.
FROM user AS edge
RUN apt-get update \
    && apt-get install --yes --no-install-recommends nginx-light libnginx-mod-http-js \
    && rm -rf /var/lib/apt/lists/*
COPY --from=packages-edge /opt/resay /opt/resay
COPY --from=files /app/serving /app/serving
EXPOSE 8443
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 CMD ["python", "serving/image/edge_health.py"]
USER 10001:10001
ENTRYPOINT ["python", "serving/edge/start.py", "--access-log", "/dev/stdout"]
CMD ["--certificate", "/etc/resay/certificate.pem", "--key", "/etc/resay/key.pem", "--keys", "/etc/resay/keys.toml", \
     "--backend", "http://server:8080"]

FROM user AS server
COPY --from=files /app /app
EXPOSE 8080
# Asks the management API whether all workers are ready: /ping is healthy even when no model can be loaded.
HEALTHCHECK --interval=10s --timeout=10s --start-period=60s --retries=3 CMD ["python", "serving/health.py"]
# By number: Kubernetes' runAsNonRoot cannot judge a name.
USER 10001:10001

# CUDA 13 and cuDNN 9 come with the packages; the driver comes from the host, through the NVIDIA Container Toolkit.
FROM server AS gpu
ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
COPY --from=packages-gpu /opt/resay /opt/resay
ENTRYPOINT ["python", "serving/start.py", "--host", "0.0.0.0", "--device", "cuda"]
CMD ["models/yelp-soft-label"]

FROM server AS cpu
COPY --from=packages-cpu /opt/resay /opt/resay
ENTRYPOINT ["python", "serving/start.py", "--host", "0.0.0.0"]
CMD ["models/yelp-soft-label"]
