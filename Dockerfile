# Two images, each with one static binary and without shell, package manager or root. The operator's image also has the
# certificates of public authorities.
#
#   docker buildx build --platform linux/amd64,linux/arm64 --target operator .    the operator
#   docker buildx build --platform linux/amd64,linux/arm64 --target simulator .   the simulator, for tests
#
# Without access to an image registry: no base image, and a binary from `make dist`:
#
#   docker build --target prebuilt --build-arg BINARY=dist/amd64/sender-operator .

# ---- from a prebuilt binary; first, so that older builders stop here
FROM scratch AS prebuilt
ARG BINARY=dist/amd64/sender-operator
ARG CERTIFICATES=dist/ca-certificates.crt
COPY ${CERTIFICATES} /etc/ssl/certs/ca-certificates.crt
COPY ${BINARY} /bin/program
ARG TITLE=sender-operator
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="${TITLE}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0"
USER 65532:65532
ENTRYPOINT ["/bin/program"]

# ---- from source: the compiler runs on the builder's platform and cross-compiles for the target
FROM --platform=$BUILDPLATFORM rust:1.95-slim-bookworm AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates cmake python3-pip \
 && pip install --break-system-packages ziglang==0.13.0 \
 && cargo install --locked cargo-zigbuild@0.20.1 \
 && rustup target add x86_64-unknown-linux-musl aarch64-unknown-linux-musl
WORKDIR /src
COPY . .
ARG TARGETARCH
# Reproducible images: remap the paths in the binary, and fix the times of the files.
ARG SOURCE_DATE_EPOCH=0
RUN case "$TARGETARCH" in amd64) target=x86_64-unknown-linux-musl ;; arm64) target=aarch64-unknown-linux-musl ;; \
      *) echo "no target for $TARGETARCH" >&2; exit 1 ;; esac \
 && RUSTFLAGS="--remap-path-prefix=/src=. --remap-path-prefix=$CARGO_HOME=cargo" \
    CFLAGS="-ffile-prefix-map=/src=. -ffile-prefix-map=$CARGO_HOME=cargo" \
    cargo zigbuild --locked --release --target "$target" --package sender-operator --package ses-simulator --bins \
 && mkdir -p /out && cp "target/$target/release/sender-operator" "target/$target/release/ses-simulator" /out/ \
 && touch -d "@$SOURCE_DATE_EPOCH" /out/*

FROM scratch AS simulator
COPY --from=build /out/ses-simulator /bin/ses-simulator
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="ses-simulator" \
      org.opencontainers.image.description="Amazon SES, STS, DNS and a mailbox, simulated" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0"
USER 65532:65532
EXPOSE 4579 5353/udp 5353/tcp
ENTRYPOINT ["/bin/ses-simulator"]
CMD ["--listen=0.0.0.0:4579", "--dns=0.0.0.0:5353"]

FROM scratch AS operator
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/sender-operator /bin/sender-operator
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="sender-operator" \
      org.opencontainers.image.description="Kubernetes operator for email sender domains and addresses on Amazon SES" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0"
USER 65532:65532
EXPOSE 8080 8081
ENTRYPOINT ["/bin/sender-operator"]
