-- Which versions of a hosted repository go by themselves.

create table hosted_retention (
    repository_id bigint not null,
    -- JSON; null where those of the configuration hold
    rules text,
    -- JSON of the rules whose effects somebody looked at and confirmed: others are not applied
    confirmed text,
    confirmed_by text not null default '',
    -- Seconds since 1970 in UTC
    confirmed_at bigint,
    last_run_at bigint,
    -- Versions that the last run deleted
    n_deleted bigint not null default 0,
    constraint hosted_retention_pkey primary key (repository_id),
    constraint hosted_retention_repository_id_fkey foreign key (repository_id)
        references repository (repository_id) on delete cascade
);
