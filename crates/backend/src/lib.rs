//! Every operation and every authorisation check; the only crate with sqlx, kube and reqwest.
