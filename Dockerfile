# The server alone: no compiler, no training packages. It serves the released model; your own are mounted:
#     docker build -t resay .
#     docker run --rm -p 127.0.0.1:8080:8080 resay
#     docker run --rm -p 127.0.0.1:8080:8080 -v "$PWD/models:/app/models:ro" resay models/reviews
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
COPY models/yelp-soft-label ./models/yelp-soft-label

RUN useradd --create-home resay
USER resay

EXPOSE 8080
# Asks the management API whether all workers are ready: /ping is healthy even when no model can be loaded.
HEALTHCHECK --start-period=60s CMD ["python", "serving/health.py"]
ENTRYPOINT ["python", "serving/start.py", "--host", "0.0.0.0"]
CMD ["models/yelp-soft-label"]
