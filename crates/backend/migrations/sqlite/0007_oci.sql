-- What OCI clients push beside charts, and charts as OCI clients see them. A repository is `chart` or `tenant/chart`; a
-- chart's archive stays in `hosted_file`, and only manifests of charts are here.

create table oci_blob (
    repository text not null,
    digest blob not null,
    size_bytes bigint not null,
    -- Seconds since 1970 in UTC
    pushed_at bigint not null,
    constraint oci_blob_pkey primary key (repository, digest)
);

create index oci_blob_digest_idx on oci_blob (digest);

create table oci_manifest (
    repository text not null,
    digest blob not null,
    media_type text not null,
    artifact_type text not null,
    -- The manifest that this one says something of
    subject blob,
    -- Of a chart: its archive. The manifest is there as long as that is.
    chart_digest blob,
    content blob not null,
    pushed_at bigint not null,
    constraint oci_manifest_pkey primary key (repository, digest)
);

create index oci_manifest_repository_subject_idx on oci_manifest (repository, subject);
create index oci_manifest_repository_chart_digest_idx on oci_manifest (repository, chart_digest);

-- Tags of anything but charts, whose tags are their versions
create table oci_tag (
    repository text not null,
    tag text not null,
    digest blob not null,
    constraint oci_tag_pkey primary key (repository, tag),
    constraint oci_tag_repository_digest_fkey foreign key (repository, digest)
        references oci_manifest (repository, digest) on delete cascade
);

create index hosted_file_repository_id_digest_idx on hosted_file (repository_id, digest);
