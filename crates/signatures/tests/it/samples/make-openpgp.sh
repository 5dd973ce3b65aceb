#!/bin/sh
# Makes the OpenPGP samples with real gpg: keys, keyrings and provenance files. Run in this folder; see README.md.
#
# The archive is the chart samples/bare as helm packages it. Every run makes new keys, so the samples are committed.
set -eu
GNUPGHOME=$(mktemp -d)
export GNUPGHOME
trap 'gpgconf --kill gpg-agent; rm -rf "$GNUPGHOME"' EXIT

# A moment as gpg takes it. Keys are made in 2026, the samples are signed a month later.
born=20260101T000000
signed=20260201T000000

at() { # moment, arguments of gpg
    moment=$1; shift
    gpg --batch --quiet --no-auto-check-trustdb --yes --pinentry-mode loopback --passphrase '' --faked-system-time "$moment" "$@" 2>> "$GNUPGHOME/log"
}
fingerprint() { gpg --batch --with-colons --list-keys "$1" | awk -F: '/^fpr/ {print $10; exit}'; }
sign() { # name, key, body, arguments of gpg
    name=$1 key=$2 body=$3; shift 3
    at "$signed" --local-user "$key" --digest-algo SHA512 "$@" --output "openpgp/$name.prov" --clear-sign "$body"
}

rm -rf openpgp; mkdir openpgp
bodies=$GNUPGHOME/bodies; mkdir "$bodies"
body=$bodies/good
sum=sha256:$(sha256sum bare-0.1.0.tgz | cut -d' ' -f1)
chart='apiVersion: v2
description: Neither a README nor values; such charts exist, and are listed like any other
name: bare
version: 0.1.0'
# What helm writes, and what it does not.
say() { printf '%s\n' "$2" > "$bodies/$1"; }
say good "$chart

...
files:
  bare-0.1.0.tgz: $sum"
say one-document "$chart"
say three-documents "$chart

...
files:
  bare-0.1.0.tgz: $sum

...
files:
  bare-0.1.0.tgz: $sum"
say no-files "$chart

...
images: {}"
say two-files "$chart

...
files:
  bare-0.1.0.tgz: $sum
  other-0.1.0.tgz: $sum"
say twice "$chart

...
files:
  bare-0.1.0.tgz: sha256:0000000000000000000000000000000000000000000000000000000000000000
  bare-0.1.0.tgz: $sum"
say other-name "$(echo "$chart" | sed 's/name: bare/name: bear/')

...
files:
  bare-0.1.0.tgz: $sum"
say other-version "$(echo "$chart" | sed 's/0.1.0/0.1.1/')

...
files:
  bare-0.1.0.tgz: $sum"
say other-file "$chart

...
files:
  bare-0.1.1.tgz: $sum"
say other-sum "$chart

...
files:
  bare-0.1.0.tgz: sha256:0000000000000000000000000000000000000000000000000000000000000000"
say bare-sum "$chart

...
files:
  bare-0.1.0.tgz: ${sum#sha256:}"
say no-yaml "$chart

...
files: {"
say dashes "$chart
keywords:
- bare
- -----
sources:
- https://example.com/bare

...
files:
  bare-0.1.0.tgz: $sum"

at $born --quick-generate-key 'Rosa RSA <rsa@example.com>' rsa3072 sign never
at $born --quick-generate-key 'Edda Ed25519 <ed25519@example.com>' ed25519 cert never
at $born --quick-add-key "$(fingerprint ed25519@)" ed25519 sign never
at $born --quick-generate-key 'Petra P-256 <p256@example.com>' nistp256 sign never
at $born --quick-generate-key 'Paula P-384 <p384@example.com>' nistp384 sign never
at $born --quick-generate-key 'Pia P-521 <p521@example.com>' nistp521 sign never
at $born --quick-generate-key 'Stranger <stranger@example.com>' ed25519 sign never
at 20250101T000000 --quick-generate-key 'Expired Key <expired@example.com>' ed25519 sign 20250601T000000
at $born --quick-generate-key 'Revoked Key <revoked@example.com>' ed25519 sign never
at $born --quick-generate-key 'Old Subkey <subkey@example.com>' ed25519 cert never
at $born --quick-add-key "$(fingerprint subkey@)" ed25519 sign 20260301T000000
at $born --quick-generate-key 'Certifies Only <certifies@example.com>' ed25519 sign never
at 20250101T000000 --quick-generate-key 'Extended Key <extended@example.com>' ed25519 sign 20250601T000000
at $born --quick-generate-key 'Shortened Key <shortened@example.com>' ed25519 sign never
at $born --cert-digest-algo SHA1 --quick-generate-key 'Bound By SHA-1 <sha1@example.com>' rsa2048 sign never
at $born --quick-generate-key 'Short Key <short@example.com>' rsa1024 sign never
at $born --quick-generate-key 'Late Key <late@example.com>' ed25519 sign never
at $born --quick-add-uid "$(fingerprint rsa@)" 'Rosa at Work <rosa@work.example.com>'
at $born --quick-add-uid "$(fingerprint rsa@)" 'Rosa Before <rosa@old.example.com>'
at 20260115T000000 --quick-revoke-uid "$(fingerprint rsa@)" 'Rosa Before <rosa@old.example.com>'

for name in rsa ed25519 stranger revoked short certifies shortened; do sign $name "$name@example.com" $body; done
sign p256 p256@example.com $body --digest-algo SHA256
sign p384 p384@example.com $body --digest-algo SHA384
sign p521 p521@example.com $body
sign bound-by-sha1 sha1@example.com $body
sign subkey-expired subkey@example.com $body
usual=$signed
signed=20250301T000000; sign expired expired@example.com $body; sign extended extended@example.com $body
signed=20300101T000000; sign future rsa@example.com $body
signed=$usual
# Its hash is asked for, although gpg knows better.
sign sha1 rsa@example.com $body --digest-algo SHA1
sign sha224 rsa@example.com $body --digest-algo SHA224
sign short-lived rsa@example.com $body --default-sig-expire 1d
sign notation rsa@example.com $body --sig-notation '!condition@example.com=only on Sundays'
sign comment rsa@example.com $body --comment 'made by hand' --emit-version
# Two who sign one text.
at $signed --local-user rsa@example.com --local-user p521@example.com --digest-algo SHA512 --output openpgp/two.prov \
    --clear-sign $body
# A signature of a document as it is, put below the text: not what --clear-sign makes, but the same bytes are hashed.
sed 's/$/\r/' $body | perl -0pe 's/\r\n\z//' > "$GNUPGHOME/crlf"
at $signed --local-user rsa@example.com --digest-algo SHA512 --armor --output "$GNUPGHOME/sig" --detach-sign "$GNUPGHOME/crlf"
{ printf -- '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n'; cat $body; cat "$GNUPGHOME/sig"; } > openpgp/binary.prov
# Bodies that are not what helm writes.
for body in "$bodies"/*; do sign "body-$(basename "$body")" rsa@example.com "$body"; done

# gpg makes a revocation with every key, and puts a colon before it so that nobody imports it by mistake.
sed 's/^:---/---/' "$GNUPGHOME/openpgp-revocs.d/$(fingerprint revoked@).rev" | at 20260215T000000 --import
at 20260215T000000 --quick-set-expire "$(fingerprint extended@)" never
at 20260215T000000 --quick-set-expire "$(fingerprint shortened@)" 20260301T000000
printf 'change-usage\ns\nq\nsave\n' | gpg --quiet --no-tty --pinentry-mode loopback --passphrase '' --command-fd 0 \
    --faked-system-time 20260215T000000 --edit-key certifies@example.com >> "$GNUPGHOME/log" 2>&1

trusted="rsa@example.com ed25519@example.com p256@example.com p384@example.com p521@example.com expired@example.com revoked@example.com subkey@example.com certifies@example.com extended@example.com shortened@example.com sha1@example.com short@example.com"
gpg --batch --armor --export $trusted > openpgp/keyring.asc
gpg --batch --export $trusted > openpgp/keyring.gpg
gpg --batch --export rsa@example.com > openpgp/rsa.gpg
gpg --batch --export ed25519@example.com > openpgp/ed25519.gpg
at $born --armor --export-secret-keys late@example.com > openpgp/secret.asc
cp "$GNUPGHOME/pubring.kbx" openpgp/pubring.kbx
for name in rsa ed25519 p256 p384 p521; do echo "$name $(fingerprint $name@example.com)"; done > openpgp/fingerprints.txt
