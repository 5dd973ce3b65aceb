//! Blobs, manifests and tags that OCI clients push. A repository is `chart` or `tenant/chart`.

use model::Timestamp;
use sqlx::FromRow;

use super::{Result, Store, Tx};

const FIND_BLOB: &str = "select size_bytes from oci_blob where repository = $1 and digest = $2";
const PUT_BLOB: &str = "insert into oci_blob (repository, digest, size_bytes, pushed_at) values ($1, $2, $3, $4) \
    on conflict (repository, digest) do update set pushed_at = excluded.pushed_at";
const COUNT_BLOB: &str = "select count(*) from oci_blob where digest = $1";
const OLD_BLOBS: &str = "select repository, digest from oci_blob where pushed_at < $1 order by repository";
const DELETE_BLOB: &str = "delete from oci_blob where repository = $1 and digest = $2 and pushed_at < $3";
const FIND: &str = "select digest, media_type, artifact_type, chart_digest, content from oci_manifest \
    where repository = $1 and digest = $2";
const OF_CHART: &str = "select digest, media_type, artifact_type, chart_digest, content from oci_manifest \
    where repository = $1 and chart_digest = $2 order by pushed_at desc, digest limit 1";
const ALL_OF_CHART: &str = "select digest, media_type, artifact_type, chart_digest, content from oci_manifest \
    where repository = $1 and chart_digest = $2 order by pushed_at desc, digest limit $3";
const OF_TAG: &str = "select m.digest, m.media_type, m.artifact_type, m.chart_digest, m.content from oci_manifest m \
    join oci_tag t on t.repository = m.repository and t.digest = m.digest where t.repository = $1 and t.tag = $2";
const REFERRERS: &str = "select digest, media_type, artifact_type, chart_digest, content from oci_manifest \
    where repository = $1 and subject = $2 order by pushed_at, digest limit $3";
const ALL_OF: &str = "select digest, media_type, artifact_type, chart_digest, content from oci_manifest \
    where repository = $1";
const PUT: &str = "insert into oci_manifest (repository, digest, media_type, artifact_type, subject, chart_digest, \
    content, pushed_at) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (repository, digest) do update set \
    media_type = excluded.media_type, pushed_at = excluded.pushed_at";
const DELETE: &str = "delete from oci_manifest where repository = $1 and digest = $2";
const PUT_TAG: &str = "insert into oci_tag (repository, tag, digest) values ($1, $2, $3) \
    on conflict (repository, tag) do update set digest = excluded.digest";
const DELETE_TAG: &str = "delete from oci_tag where repository = $1 and tag = $2";
const TAGS: &str = "select tag from oci_tag where repository = $1 order by tag limit $2";
const COUNT_MANIFESTS: &str = "select count(*) from oci_manifest where repository = $1";
const OF_DIGEST: &str = "select file_name from hosted_file where repository_id = $1 and digest = $2 \
    and state = 'live' order by file_name";

pub(super) const SQL: &[&str] = &[
    FIND_BLOB,
    PUT_BLOB,
    COUNT_BLOB,
    OLD_BLOBS,
    DELETE_BLOB,
    FIND,
    OF_CHART,
    ALL_OF_CHART,
    OF_TAG,
    REFERRERS,
    ALL_OF,
    PUT,
    DELETE,
    PUT_TAG,
    DELETE_TAG,
    TAGS,
    COUNT_MANIFESTS,
    OF_DIGEST,
];

/// A manifest as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct OciManifestRecord {
    /// SHA-256 of its bytes.
    pub digest: Vec<u8>,
    /// As it was pushed.
    pub media_type: String,
    /// What it is of, as it says; empty where it does not.
    pub artifact_type: String,
    /// Of a chart: SHA-256 of the archive.
    pub chart_digest: Option<Vec<u8>>,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// A blob, and the repository in which it may be read.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct OciBlobRow {
    /// `chart` or `tenant/chart`.
    pub repository: String,
    /// SHA-256 of its bytes.
    pub digest: Vec<u8>,
}

impl Store {
    /// The size in bytes of a blob of a repository.
    #[tracing::instrument(name = "db.oci.blob", skip_all, err)]
    pub async fn find_oci_blob(&self, repository: &str, digest: &[u8]) -> Result<Option<i64>> {
        Ok(on_pool!(self, |pool| {
            sqlx::query_scalar::<_, i64>(FIND_BLOB)
                .bind(repository)
                .bind(digest)
                .fetch_optional(pool)
                .await
        })?)
    }

    /// Whether any repository has a blob.
    pub async fn has_oci_blob(&self, digest: &[u8]) -> Result<bool> {
        let n = on_pool!(self, |pool| {
            sqlx::query_scalar::<_, i64>(COUNT_BLOB)
                .bind(digest)
                .fetch_one(pool)
                .await
        })?;
        Ok(n > 0)
    }

    /// Blobs that were pushed before `before`.
    #[tracing::instrument(name = "db.oci.old_blobs", skip_all, err)]
    pub async fn old_oci_blobs(&self, before: Timestamp) -> Result<Vec<OciBlobRow>> {
        Ok(on_pool!(self, |pool| {
            sqlx::query_as::<_, OciBlobRow>(OLD_BLOBS)
                .bind(before.0)
                .fetch_all(pool)
                .await
        })?)
    }

    /// A manifest by its digest.
    #[tracing::instrument(name = "db.oci.find", skip_all, err)]
    pub async fn find_oci_manifest(
        &self,
        repository: &str,
        digest: &[u8],
    ) -> Result<Option<OciManifestRecord>> {
        Ok(on_pool!(self, |pool| {
            sqlx::query_as::<_, OciManifestRecord>(FIND)
                .bind(repository)
                .bind(digest)
                .fetch_optional(pool)
                .await
        })?)
    }

    /// The manifest of a chart that was pushed last, by the digest of its archive.
    #[tracing::instrument(name = "db.oci.of_chart", skip_all, err)]
    pub async fn oci_manifest_of_chart(
        &self,
        repository: &str,
        chart_digest: &[u8],
    ) -> Result<Option<OciManifestRecord>> {
        Ok(on_pool!(self, |pool| {
            sqlx::query_as::<_, OciManifestRecord>(OF_CHART)
                .bind(repository)
                .bind(chart_digest)
                .fetch_optional(pool)
                .await
        })?)
    }

    /// At most `limit` manifests of a chart by the digest of its archive, the one that was pushed last first.
    #[tracing::instrument(name = "db.oci.all_of_chart", skip_all, err)]
    pub async fn oci_manifests_of_chart(
        &self,
        repository: &str,
        chart_digest: &[u8],
        limit: i64,
    ) -> Result<Vec<OciManifestRecord>> {
        Ok(on_pool!(self, |pool| {
            sqlx::query_as::<_, OciManifestRecord>(ALL_OF_CHART)
                .bind(repository)
                .bind(chart_digest)
                .bind(limit)
                .fetch_all(pool)
                .await
        })?)
    }

    /// A manifest by a tag.
    #[tracing::instrument(name = "db.oci.of_tag", skip_all, err)]
    pub async fn oci_manifest_of_tag(
        &self,
        repository: &str,
        tag: &str,
    ) -> Result<Option<OciManifestRecord>> {
        Ok(on_pool!(self, |pool| {
            sqlx::query_as::<_, OciManifestRecord>(OF_TAG)
                .bind(repository)
                .bind(tag)
                .fetch_optional(pool)
                .await
        })?)
    }

    /// At most `limit` manifests that say something of one, the oldest first.
    #[tracing::instrument(name = "db.oci.referrers", skip_all, err)]
    pub async fn oci_referrers(
        &self,
        repository: &str,
        subject: &[u8],
        limit: i64,
    ) -> Result<Vec<OciManifestRecord>> {
        Ok(on_pool!(self, |pool| {
            sqlx::query_as::<_, OciManifestRecord>(REFERRERS)
                .bind(repository)
                .bind(subject)
                .bind(limit)
                .fetch_all(pool)
                .await
        })?)
    }

    /// All manifests of a repository.
    #[tracing::instrument(name = "db.oci.all_of", skip_all, err)]
    pub async fn oci_manifests(&self, repository: &str) -> Result<Vec<OciManifestRecord>> {
        Ok(on_pool!(self, |pool| {
            sqlx::query_as::<_, OciManifestRecord>(ALL_OF)
                .bind(repository)
                .fetch_all(pool)
                .await
        })?)
    }

    /// At most `limit` tags of a repository, those of charts left out, sorted.
    #[tracing::instrument(name = "db.oci.tags", skip_all, err)]
    pub async fn oci_tags(&self, repository: &str, limit: i64) -> Result<Vec<String>> {
        Ok(on_pool!(self, |pool| {
            sqlx::query_scalar::<_, String>(TAGS)
                .bind(repository)
                .bind(limit)
                .fetch_all(pool)
                .await
        })?)
    }

    /// How many manifests a repository has.
    pub async fn count_oci_manifests(&self, repository: &str) -> Result<u64> {
        let n = on_pool!(self, |pool| {
            sqlx::query_scalar::<_, i64>(COUNT_MANIFESTS)
                .bind(repository)
                .fetch_one(pool)
                .await
        })?;
        Ok(n.unsigned_abs())
    }

    /// The names of a hosted repository's files with these bytes.
    #[tracing::instrument(name = "db.oci.of_digest", skip_all, err)]
    pub async fn hosted_files_of_digest(&self, repository_id: i64, digest: &[u8]) -> Result<Vec<String>> {
        Ok(on_pool!(self, |pool| {
            sqlx::query_scalar::<_, String>(OF_DIGEST)
                .bind(repository_id)
                .bind(digest)
                .fetch_all(pool)
                .await
        })?)
    }
}

impl Tx {
    /// How many manifests a repository has.
    pub async fn count_oci_manifests(&mut self, repository: &str) -> Result<i64> {
        Ok(on_tx!(self, |c| {
            sqlx::query_scalar::<_, i64>(COUNT_MANIFESTS)
                .bind(repository)
                .fetch_one(c)
                .await
        })?)
    }

    /// Lets a repository have a blob; one that it has is as if pushed now.
    pub async fn put_oci_blob(
        &mut self,
        repository: &str,
        digest: &[u8],
        size_bytes: i64,
        now: Timestamp,
    ) -> Result<()> {
        on_tx!(self, |c| sqlx::query(PUT_BLOB)
            .bind(repository)
            .bind(digest)
            .bind(size_bytes)
            .bind(now.0)
            .execute(c)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Takes a blob from a repository, if it was pushed before `before`.
    pub async fn delete_oci_blob(&mut self, blob: &OciBlobRow, before: Timestamp) -> Result<()> {
        on_tx!(self, |c| sqlx::query(DELETE_BLOB)
            .bind(blob.repository.as_str())
            .bind(blob.digest.as_slice())
            .bind(before.0)
            .execute(c)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Keeps a manifest; `subject` is the digest of what it says something of.
    pub async fn put_oci_manifest(
        &mut self,
        repository: &str,
        manifest: &OciManifestRecord,
        subject: Option<&[u8]>,
        now: Timestamp,
    ) -> Result<()> {
        on_tx!(self, |c| sqlx::query(PUT)
            .bind(repository)
            .bind(manifest.digest.as_slice())
            .bind(manifest.media_type.as_str())
            .bind(manifest.artifact_type.as_str())
            .bind(subject)
            .bind(manifest.chart_digest.as_deref())
            .bind(manifest.content.as_slice())
            .bind(now.0)
            .execute(c)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Forgets a manifest and its tags; says whether there was one.
    pub async fn delete_oci_manifest(&mut self, repository: &str, digest: &[u8]) -> Result<bool> {
        let n = on_tx!(self, |c| sqlx::query(DELETE)
            .bind(repository)
            .bind(digest)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(n > 0)
    }

    /// Gives a tag to a manifest, whichever had it.
    pub async fn put_oci_tag(&mut self, repository: &str, tag: &str, digest: &[u8]) -> Result<()> {
        on_tx!(self, |c| sqlx::query(PUT_TAG)
            .bind(repository)
            .bind(tag)
            .bind(digest)
            .execute(c)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Takes a tag away; says whether there was one.
    pub async fn delete_oci_tag(&mut self, repository: &str, tag: &str) -> Result<bool> {
        let n = on_tx!(self, |c| sqlx::query(DELETE_TAG)
            .bind(repository)
            .bind(tag)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(n > 0)
    }
}
