import assert from "node:assert/strict";
import { test } from "node:test";

import { looksSecret, withoutSecrets } from "../src/secrets.js";

test("secrets are told by the names of their keys", () => {
  for (const key of ["password", "adminPassword", "rootPass", "redis-password", "apiKey", "token", "auth_token", "secretKey", "clientSecret", "tls.key", "privateKey", "DB_PASSWORD", "passphrase", "jwtSecret", "accessKey", "masterKey"]) {
    assert.ok(looksSecret(key), key);
  }
  for (const key of ["existingSecret", "existingSecretPasswordKey", "secretName", "secretKeyRef", "imagePullSecrets", "topologyKey", "replicaCount", "name", "monkey", "key", "cert", "passwordLength", "createSecret", "keyName", "automountServiceAccountToken"]) {
    assert.ok(!looksSecret(key), key);
  }
});

const HIDDEN = "swordfish";

const TEXTS = [
  `password: ${HIDDEN}`,
  `password: "${HIDDEN}" # mine`,
  `"password": '${HIDDEN}'`,
  `auth:\n  rootPassword: ${HIDDEN}\n  username: me`,
  `password: |\n  ${HIDDEN}\n  ${HIDDEN}\nuser: me`,
  `password: >-\n    one\n    ${HIDDEN}\n\nuser: me`,
  `password: "one\n  ${HIDDEN}"\nuser: me`,
  `secrets:\n  any: ${HIDDEN}\n  - ${HIDDEN}\nuser: me`,
  `auth: {user: me, password: ${HIDDEN}, "token": "${HIDDEN}"}`,
  `users:\n- {name: me, password: '${HIDDEN}'}`,
  `env:\n- name: DB_PASSWORD\n  value: ${HIDDEN}\n- name: DB_USER\n  value: me`,
  `env:\n  - name: "API_TOKEN"\n    value: "${HIDDEN}"`,
  `list:\n- password: ${HIDDEN}\n  user: me`,
  // What is no YAML, or not yet.
  `a: b: c\npassword: ${HIDDEN}`,
  `\tpassword: ${HIDDEN}`,
  `password: "${HIDDEN}`,
];

test("no draft holds a value that looks secret", () => {
  for (const text of TEXTS) {
    const { text: kept, n } = withoutSecrets(text);
    assert.ok(!kept.includes(HIDDEN), `${text}\n=> ${kept}`);
    assert.ok(n > 0, text);
  }
});

test("everything else is kept as it was typed", () => {
  const text = "# mine\nimage: {tag: \"1.0\", pullPolicy: Always}\n\nexistingSecret: shop\npassword: \"\"\nenv:\n- name: DB_USER\n  value: me # kept\nlines: |\n  a\n\n  b\n";
  assert.deepEqual(withoutSecrets(text), { text, n: 0 });
  const mixed = withoutSecrets("a: 1 # one\npassword: x\nb: 2\n");
  assert.deepEqual(mixed, { text: "a: 1 # one\npassword: \"\"\nb: 2\n", n: 1 });
});

test("what is secret by itself is kept nowhere, and neither is what was commented out", () => {
  const cases = [
    ["url: postgres://me:swordfish@db/x", 'url: ""'],
    ["urls:\n  - https://me:swordfish@db # ours", 'urls:\n  - ""'],
    ["git: ghp_0123456789abcdef", 'git: ""'],
    ["# password: swordfish", '# password: ""'],
    ["  ## token: swordfish", '  ## token: ""'],
    ["tls: |\n  -----BEGIN RSA PRIVATE KEY-----\n  swordfish\n  -----END RSA PRIVATE KEY-----\nb: 1", "tls: |\nb: 1"],
    ['tls: "-----BEGIN PRIVATE KEY-----\\nswordfish\\n-----END PRIVATE KEY-----"\nb: 1', 'tls: ""\nb: 1'],
  ];
  for (const [text, want] of cases) {
    const kept = withoutSecrets(text);
    assert.equal(kept.text, want);
    assert.equal(kept.n, 1, text);
  }
  for (const text of ["# a password: see below", "url: https://example.com:8080/x@y", "image: ghcr.io/a/b", "# plain"]) {
    assert.deepEqual(withoutSecrets(text), { text, n: 0 });
  }
});
