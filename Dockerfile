# The server alone: no compiler, no training packages. Models are mounted, not built in:
#     docker build -t resay .
#     docker run --rm -p 8080:8080 -v "$PWD/models:/app/models:ro" resay models/quickstart
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app

# The workers of TorchServe import torch; its CPU wheel is a tenth of the default one.
COPY requirements.lock ./
RUN pip install --no-deps --index-url https://download.pytorch.org/whl/cpu "$(grep '^torch==' requirements.lock)"

COPY pyproject.toml README.md LICENSE ./
COPY src ./src
RUN pip install --constraint requirements.lock ".[cpu,serve]"

COPY handlers ./handlers
COPY serving ./serving

RUN useradd --create-home resay
USER resay

EXPOSE 8080
HEALTHCHECK --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/ping', timeout=3)"]
ENTRYPOINT ["python", "serving/start.py", "--host", "0.0.0.0"]
CMD ["models/quickstart"]
