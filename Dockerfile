# libpq, SQLite and OpenSSL are built from source, hence the compiler, perl and make.
FROM rust:1-bookworm AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends build-essential make perl \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN cargo build --release --locked --package boxoffice

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin boxoffice \
    && install --directory --owner=boxoffice --group=boxoffice /data
COPY --from=build /src/target/release/boxoffice /usr/local/bin/boxoffice
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["boxoffice"]
CMD ["serve"]
