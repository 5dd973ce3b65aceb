#!/bin/sh
# Makes the samples of cosign: make-cosign.sh COSIGN ORAS REGISTRY (Distribution's). Run in this folder; see README.md.
#
# The archive is bare-0.1.0.tgz as a chart in a registry. Every run makes new keys, so the samples are committed; what is
# at a tag or refers to the chart is copied into one OCI layout, `cosign/`, at a tag that says how it was made.
set -eu
cosign_program=$1 oras_program=$2 registry_program=$3
here=$PWD
work=$(mktemp -d)
trap 'kill "$registry" 2>/dev/null; rm -rf "$work"' EXIT
cat > "$work/registry.yml" <<END
version: 0.1
log: { level: info, accesslog: { disabled: true } }
storage: { filesystem: { rootdirectory: $work/data } }
http: { addr: "127.0.0.1:0", secret: samples }
END
OTEL_TRACES_EXPORTER=none "$registry_program" serve "$work/registry.yml" 2> "$work/registry.log" &
registry=$!
until host=$(grep -o 'listening on [0-9.:]*' "$work/registry.log"); do kill -0 "$registry"; done
host=${host#listening on }

export COSIGN_PASSWORD= HOME="$work" DOCKER_CONFIG="$work/docker" COSIGN_YES=true
cosign() { "$cosign_program" "$@" >> "$work/log" 2>&1 || { tail -n 20 "$work/log" >&2; exit 1; }; }
oras() { "$oras_program" "$@" >> "$work/log" 2>&1 || { tail -n 20 "$work/log" >&2; exit 1; }; }
rm -rf cosign; mkdir cosign
cd "$work"

# Keys: the kind that cosign makes, and those that it imports or takes as they are.
cosign generate-key-pair --output-key-prefix p256
for curve in 384 521; do
    openssl ecparam -name "secp${curve}r1" -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "p$curve.pem"
done
openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.pem
openssl genpkey -quiet -algorithm ED25519 -out ed25519.pem
for key in p384 p521 rsa ed25519; do
    cosign import-key-pair --key "$key.pem" --output-key-prefix "$key"
done
cosign generate-key-pair --output-key-prefix stranger
for key in p256 p384 p521 rsa ed25519 stranger; do cp "$key.pub" "$here/cosign/$key.pub"; done

# The chart, as helm pushes it, and another.
cp "$here/bare-0.1.0.tgz" .
printf '{"name":"bare","version":"0.1.0","description":"Neither a README nor values","apiVersion":"v2"}' > config.json
push() { # repository, tag
    oras push --plain-http --annotation org.opencontainers.image.created=2026-01-01T00:00:00Z \
        --config config.json:application/vnd.cncf.helm.config.v1+json "$host/$1:$2" \
        bare-0.1.0.tgz:application/vnd.cncf.helm.chart.content.v1.tar+gzip
}
digest_of() { "$oras_program" resolve --plain-http "$host/$1"; }
keep() { oras copy --from-plain-http "$host/$1" --to-oci-layout "$here/cosign:$2"; }

push chart/bare 0.1.0
chart=$(digest_of chart/bare:0.1.0)
keep chart/bare:0.1.0 chart
sig=$(echo "$chart" | tr : -).sig

# The older form: layers at a tag. Each in a repository of its own, for a second signature joins the first.
sign_simple() { # name, arguments of cosign
    name=$1; shift
    push "$name/bare" 0.1.0
    cosign sign --tlog-upload=false --allow-http-registry "$@" "$host/$name/bare@$chart"
    keep "$name/bare:$sig" "$name"
}
for key in p256 p384 p521 rsa ed25519 stranger; do sign_simple "$key" --key "$key.key"; done
sign_simple annotated --key p256.key -a team=charts -a 'note=a <word> & more'
sign_simple two --key stranger.key
cosign sign --tlog-upload=false --allow-http-registry --key p256.key "$host/two/bare@$chart"
keep "two/bare:$sig" two

# The same as a manifest that refers to the chart's.
referrer() { # repository, name
    found=$("$oras_program" discover --plain-http --format json "$host/$1@$chart" |
        grep -o '"digest": *"sha256:[0-9a-f]*"' | grep -v "$chart" | head -n 1 | grep -o 'sha256:[0-9a-f]*')
    keep "$1@$found" "$2"
}
push referrer/bare 0.1.0
COSIGN_EXPERIMENTAL=1 cosign sign --tlog-upload=false --allow-http-registry --registry-referrers-mode oci-1-1 \
    --key p256.key "$host/referrer/bare@$chart"
referrer referrer/bare referrer

# The newer form: bundles.
for key in p256 p384 p521 rsa ed25519 stranger; do
    push "bundle-$key/bare" 0.1.0
    cosign sign --tlog-upload=false --allow-http-registry --new-bundle-format --key "$key.key" \
        "$host/bundle-$key/bare@$chart"
    referrer "bundle-$key/bare" "bundle-$key"
done

# What is no signature of the chart: a statement about how it was built, and a signature of the file itself.
printf '{"buildType":"x","builder":{"id":"y"}}' > predicate.json
push attested/bare 0.1.0
cosign attest --tlog-upload=false --allow-http-registry --new-bundle-format --key p256.key --type slsaprovenance \
    --predicate predicate.json "$host/attested/bare@$chart"
referrer attested/bare attested
cosign sign-blob --tlog-upload=false --new-bundle-format --key p256.key --bundle "$here/cosign/blob.json" bare-0.1.0.tgz

# Another manifest, signed by the same key.
push other/bare 0.1.0
"$oras_program" manifest fetch --plain-http "$host/other/bare:0.1.0" | sed 's/2026-01-01/2026-01-02/' > other.json
oras manifest push --plain-http "$host/other/bare:0.2.0" other.json
other=$(digest_of other/bare:0.2.0)
cosign sign --tlog-upload=false --allow-http-registry --key p256.key "$host/other/bare@$other"
keep "other/bare:$(echo "$other" | tr : -).sig" other
cosign sign --tlog-upload=false --allow-http-registry --new-bundle-format --key p256.key "$host/other/bare@$other"
chart=$other
referrer other/bare bundle-other
rmdir "$here/cosign/ingest"
