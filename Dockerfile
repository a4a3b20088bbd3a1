# Debian slim: google-re2, psycopg and their like have wheels for it.
FROM python:3.13-slim-trixie AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
COPY requirements.txt requirements-build.txt ./
RUN python -m venv /opt/build && /opt/build/bin/pip install --require-hashes -r requirements-build.txt \
    && python -m venv /opt/alertsms && /opt/alertsms/bin/pip install --require-hashes --only-binary :all: -r requirements.txt
COPY pyproject.toml README.md LICENSE CHANGELOG.md ./
COPY alertsms alertsms
RUN /opt/build/bin/pip wheel --no-build-isolation --no-deps -w /src/dist . \
    && /opt/alertsms/bin/pip install --no-deps --no-index /src/dist/alertsms-*.whl \
    && /opt/alertsms/bin/pip uninstall -y pip

FROM python:3.13-slim-trixie
ENV PATH=/opt/alertsms/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 ALERTSMS_CONFIG=/etc/alertsms/config.yaml \
    ALERTSMS_STATE=/var/lib/alertsms
COPY --from=build /opt/alertsms /opt/alertsms
# The only place that is written to; everything else may be mounted read-only.
RUN install -d -o nobody -g nogroup -m 0700 /var/lib/alertsms
USER 65534:65534
WORKDIR /var/lib/alertsms
VOLUME /var/lib/alertsms
EXPOSE 9095
HEALTHCHECK --interval=15s --timeout=5s --start-period=10s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:9095/-/healthy', timeout=3)"]
ENTRYPOINT ["alertsms"]
CMD ["serve"]
