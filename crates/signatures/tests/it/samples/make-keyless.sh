#!/bin/sh
# Makes the samples of certificates of identities: make-keyless.sh COSIGN ORAS REGISTRY. Run after make-cosign.sh, in this
# folder; see README.md. The certificates are openssl's, with what Fulcio puts into its own; the log is log.py.
set -eu
cosign_program=$1 oras_program=$2 registry_program=$3
here=$PWD
work=$(mktemp -d)
trap 'kill "$registry" $logs 2>/dev/null; rm -rf "$work"' EXIT
logs=
cat > "$work/registry.yml" <<END
version: 0.1
log: { level: info, accesslog: { disabled: true } }
storage: { filesystem: { rootdirectory: $work/data } }
http: { addr: "127.0.0.1:0", secret: samples }
END
: > "$work/registry.log"
OTEL_TRACES_EXPORTER=none "$registry_program" serve "$work/registry.yml" 2> "$work/registry.log" &
registry=$!
until host=$(grep -o 'listening on [0-9.:]*' "$work/registry.log"); do kill -0 "$registry"; done
host=${host#listening on }
export COSIGN_PASSWORD= HOME="$work" DOCKER_CONFIG="$work/docker" COSIGN_YES=true
quiet() { "$@" >> "$work/log" 2>&1 || { tail -n 20 "$work/log" >&2; exit 1; }; }
rm -rf keyless; mkdir keyless
cd "$work"

# Certificates: a root, what it lets certify, and identities for ten minutes of the first of February.
cat > ca.cnf <<'END'
[ca]
default_ca = it
[it]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = optional
[root]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[intermediate]
basicConstraints = critical, CA:true, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
extendedKeyUsage = codeSigning
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[email]
keyUsage = critical, digitalSignature
extendedKeyUsage = codeSigning
authorityKeyIdentifier = keyid
subjectAltName = critical, email:ada@example.com
1.3.6.1.4.1.57264.1.1 = DER:68747470733a2f2f69642e6578616d706c652e636f6d
1.3.6.1.4.1.57264.1.8 = ASN1:UTF8String:https://id.example.com
[workflow]
keyUsage = critical, digitalSignature
extendedKeyUsage = codeSigning
authorityKeyIdentifier = keyid
subjectAltName = critical, URI:https://git.example.com/team/charts/release.yml@refs/tags/v1
1.3.6.1.4.1.57264.1.1 = DER:68747470733a2f2f63692e6578616d706c652e636f6d
1.3.6.1.4.1.57264.1.8 = ASN1:UTF8String:https://ci.example.com
[two_names]
keyUsage = critical, digitalSignature
extendedKeyUsage = codeSigning
authorityKeyIdentifier = keyid
subjectAltName = critical, email:ada@example.com, email:eve@example.com
1.3.6.1.4.1.57264.1.8 = ASN1:UTF8String:https://id.example.com
[two_issuers]
keyUsage = critical, digitalSignature
extendedKeyUsage = codeSigning
authorityKeyIdentifier = keyid
subjectAltName = critical, email:ada@example.com
1.3.6.1.4.1.57264.1.1 = DER:68747470733a2f2f69642e6578616d706c652e636f6d
1.3.6.1.4.1.57264.1.8 = ASN1:UTF8String:https://evil.example.com
[no_issuer]
keyUsage = critical, digitalSignature
extendedKeyUsage = codeSigning
authorityKeyIdentifier = keyid
subjectAltName = critical, email:ada@example.com
END
: > index.txt; echo 01 > serial
key() { openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$1.pem"; }
certify() { # name, its issuer, extensions, from, until
    key "$1"
    openssl req -new -key "$1.pem" -subj "/CN=$3" -out "$1.csr"
    set -- "$1" "$2" "$3" "$4" "$5" -cert "$2.crt"
    [ "$1" != "$2" ] || set -- "$1" "$2" "$3" "$4" "$5" -selfsign
    quiet openssl ca -batch -config ca.cnf -notext -extensions "$3" -startdate "$4" -enddate "$5" \
        -keyfile "$2.pem" -in "$1.csr" -out "$1.crt" "$6" ${7:+"$7"}
}
for root in root other-root; do certify $root $root root 20260101000000Z 20360101000000Z; done
certify intermediate root intermediate 20260101000000Z 20310101000000Z
certify other-intermediate other-root intermediate 20260101000000Z 20310101000000Z
for leaf in email workflow two_names two_issuers no_issuer; do
    certify $leaf intermediate $leaf 20260201120000Z 20260201121000Z
done
certify stranger other-intermediate email 20260201120000Z 20260201121000Z
cat intermediate.crt root.crt > chain; cat other-intermediate.crt other-root.crt > other-chain
cp root.crt "$here/keyless/root.pem"; cp other-root.crt "$here/keyless/other-root.pem"

# Logs: the one that is trusted, at three times, and another.
for log in log other-log; do
    key $log
    openssl pkey -in $log.pem -pubout -out "$here/keyless/$log.pub"
done
start_log() { # name, key, time
    LOG_TIME=$3 python3 "$here/log.py" "$2.pem" > "$1.port" &
    logs="$logs $!"
    until [ -s "$1.port" ]; do :; done
}
start_log in-time log 1769947500
start_log late log 1769947801
start_log early log 1769947199
start_log elsewhere other-log 1769947500

cp "$here/bare-0.1.0.tgz" .
chart=sha256:$("$oras_program" manifest fetch --oci-layout "$here/cosign:chart" | sha256sum | cut -d' ' -f1)
sign() { # name, certificate, log or none, chain, arguments of cosign
    name=$1 leaf=$2 log=$3 chain=$4; shift 4
    quiet "$oras_program" copy --from-oci-layout "$here/cosign:chart" --to-plain-http "$host/$name/bare:0.1.0"
    [ -f "$leaf.key" ] || quiet "$cosign_program" import-key-pair --key "$leaf.pem" --output-key-prefix "$leaf"
    if [ "$log" = none ]; then set -- --tlog-upload=false "$@"; else set -- --rekor-url "http://127.0.0.1:$(cat "$log.port")" "$@"; fi
    quiet "$cosign_program" sign --allow-http-registry --key "$leaf.key" --certificate "$leaf.crt" \
        --certificate-chain "$chain" "$@" "$host/$name/bare@$chart"
    quiet "$oras_program" copy --from-plain-http "$host/$name/bare:$(echo "$chart" | tr : -).sig" \
        --to-oci-layout "$here/keyless:$name"
}
for leaf in email workflow two_names two_issuers no_issuer; do sign $leaf $leaf in-time chain; done
sign stranger stranger in-time other-chain
sign late email late chain
sign early email early chain
sign other-log email elsewhere chain
sign no-log email none chain
# As a bundle.
quiet "$oras_program" copy --from-oci-layout "$here/cosign:chart" --to-plain-http "$host/bundle/bare:0.1.0"
quiet "$cosign_program" sign --allow-http-registry --new-bundle-format --key email.key --certificate email.crt \
    --certificate-chain chain --rekor-url "http://127.0.0.1:$(cat in-time.port)" "$host/bundle/bare@$chart"
bundle=$("$oras_program" discover --plain-http --format json "$host/bundle/bare@$chart" |
    grep -o '"digest": *"sha256:[0-9a-f]*"' | grep -v "$chart" | head -n 1 | grep -o 'sha256:[0-9a-f]*')
quiet "$oras_program" copy --from-plain-http "$host/bundle/bare@$bundle" --to-oci-layout "$here/keyless:bundle"
rmdir "$here/keyless/ingest"

# Real cosign finds them right, so that what is made here is what is made elsewhere.
for leaf in email:ada@example.com:https://id.example.com \
    workflow:https://git.example.com/team/charts/release.yml@refs/tags/v1:https://ci.example.com; do
    name=${leaf%%:*} rest=${leaf#*:}
    issuer=https://${rest##*:https://} identity=${rest%:https://*}
    SIGSTORE_REKOR_PUBLIC_KEY="$here/keyless/log.pub" quiet "$cosign_program" verify --allow-http-registry --offline \
        --insecure-ignore-sct --ca-roots root.crt --ca-intermediates intermediate.crt \
        --certificate-identity "$identity" --certificate-oidc-issuer "$issuer" "$host/$name/bare@$chart"
done
