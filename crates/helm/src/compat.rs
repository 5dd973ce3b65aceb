//! Which Helm is followed where its releases print different bytes.

/// A line of Helm releases.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Compat {
    /// 4.2: what the conformance data was taken from.
    #[default]
    Helm4_2,
    /// 4.3: documents keep the white space before a `---`, and the newest known Kubernetes is 1.37.
    Helm4_3,
}
