#!/bin/sh
# Makes the samples of helm: make-helm.sh HELM. A key of gpg, the chart samples/bare packaged and signed by real helm, and
# what `helm verify` prints of it. Run in this folder; see README.md.
set -eu
helm=$1
bare=$PWD/../../../../../samples/bare
GNUPGHOME=$(mktemp -d)
export GNUPGHOME
trap 'gpgconf --kill gpg-agent; rm -rf "$GNUPGHOME"' EXIT
rm -rf helm; mkdir helm
gpg() { command gpg --batch --quiet --pinentry-mode loopback --passphrase '' "$@" 2>> "$GNUPGHOME/log"; }
gpg --quick-generate-key 'Hilda Helm <hilda@example.com>' rsa2048 sign never
gpg --export > helm/pubring.gpg
gpg --export-secret-keys > "$GNUPGHOME/secring.gpg"
cd helm
"$helm" package "$bare" --sign --key Hilda --keyring "$GNUPGHOME/secring.gpg" > "$GNUPGHOME/log"
"$helm" verify bare-0.1.0.tgz --keyring pubring.gpg > verify.txt
