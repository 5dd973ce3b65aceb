//! YAML as sigs.k8s.io/yaml and go-yaml read and print it.
