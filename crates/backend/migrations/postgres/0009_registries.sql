-- Charts in OCI registries: what is known of the tags that are their versions.

-- When the tags were listed last. In between, versions are described that were not yet.
alter table repository add column listed_at bigint not null default 0;

create table registry_tag (
    chart_version_id bigint not null,
    -- SHA-256 of the manifest that the tag led to; none while nobody has looked
    manifest_digest bytea,
    -- Seconds since 1970 in UTC
    checked_at bigint not null,
    -- Failed looks in a row, and when the next one makes sense
    attempts bigint not null,
    retry_at bigint not null,
    constraint registry_tag_pkey primary key (chart_version_id),
    constraint registry_tag_chart_version_id_fkey foreign key (chart_version_id)
        references chart_version (chart_version_id) on delete cascade
);

-- Tags that look like versions and are none of a chart's: looked at once, not with every sync.
create table registry_other (
    repository_id bigint not null,
    chart text not null,
    tag text not null,
    reason text not null,
    seen_at bigint not null,
    constraint registry_other_pkey primary key (repository_id, chart, tag),
    constraint registry_other_repository_id_fkey foreign key (repository_id)
        references repository (repository_id) on delete cascade
);
