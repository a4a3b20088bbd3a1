# Debian slim: google-re2, psycopg and their like have wheels for it. To build on the very same base each time, pin it:
# docker build --build-arg BASE=python:3.13-slim-trixie@sha256:DIGEST, with the digest of `docker buildx imagetools inspect`.
# `bash .ci/build --image` does so with every time set to the commit's, which then makes the same image each time.
ARG BASE=python:3.13-slim-trixie
FROM ${BASE} AS build
ARG SOURCE_DATE_EPOCH
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /src
COPY requirements.txt requirements-build.txt ./
RUN python -m venv /opt/build && /opt/build/bin/pip install --require-hashes -r requirements-build.txt \
    && python -m venv /opt/alertsms \
    && /opt/alertsms/bin/pip install --no-compile --require-hashes --only-binary :all: -r requirements.txt
COPY pyproject.toml README.md LICENSE CHANGELOG.md ./
COPY alertsms alertsms
# Nobody can change a file there, so that what is compiled need not be compared with its source at each start.
RUN /opt/build/bin/pip wheel --no-build-isolation --no-deps -w /src/dist . \
    && /opt/alertsms/bin/pip install --no-compile --no-deps --no-index /src/dist/alertsms-*.whl \
    && /opt/alertsms/bin/pip uninstall -y pip \
    && /opt/alertsms/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/alertsms/lib

FROM ${BASE}
ARG SOURCE_DATE_EPOCH
ENV PATH=/opt/alertsms/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 ALERTSMS_CONFIG=/etc/alertsms/config.yaml \
    ALERTSMS_STATE=/var/lib/alertsms
COPY --from=build /opt/alertsms /opt/alertsms
# A user of its own, so that no other container of this machine shares its files (nobody is many). The folder is the only
# place that is written to; everything else may be mounted read-only. What could fetch more code is taken out.
RUN groupadd --system --gid 10095 alertsms \
    && useradd --system --uid 10095 --gid 10095 --no-create-home --home-dir /var/lib/alertsms --shell /usr/sbin/nologin alertsms \
    && install -d -o alertsms -g alertsms -m 0700 /var/lib/alertsms \
    && /usr/local/bin/python -m pip uninstall -q -y --root-user-action=ignore pip \
    && rm -rf /usr/local/lib/python3.*/ensurepip
USER 10095:10095
WORKDIR /var/lib/alertsms
VOLUME /var/lib/alertsms
EXPOSE 9095
# It asks at the address that the configuration has.
HEALTHCHECK --interval=30s --timeout=10s --start-period=20s CMD ["alertsms", "healthy"]
ENTRYPOINT ["alertsms"]
CMD ["serve"]
