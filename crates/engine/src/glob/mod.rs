//! Path patterns as gobwas/glob matches them.
