-- What people decide about hosted charts: who sees them, what should not be used any more, and what was deleted and can
-- come back. It goes by names and not by keys: a chart whose last version goes and comes back is what it was.

-- Its charts are for those alone who may see private charts of its tenant.
alter table hosted_repository add column is_private boolean not null default false;

-- Of a file that is being removed: where in `.kept` its bytes stay until nobody can want them back.
alter table hosted_file add column kept text;
-- Whoever uploaded it; empty where it was found in the directory.
alter table hosted_file add column uploaded_by text not null default '';

create table hosted_chart (
    repository_id bigint not null,
    name text not null,
    is_private boolean not null default false,
    -- Why it should not be used any more, as its people say; null where they do not
    deprecated text,
    constraint hosted_chart_pkey primary key (repository_id, name),
    constraint hosted_chart_repository_id_fkey foreign key (repository_id)
        references repository (repository_id) on delete cascade
);

-- Versions that are had by their exact names alone.
create table hosted_yank (
    repository_id bigint not null,
    name text not null,
    version text not null,
    reason text not null,
    constraint hosted_yank_pkey primary key (repository_id, name, version),
    constraint hosted_yank_repository_id_fkey foreign key (repository_id)
        references repository (repository_id) on delete cascade
);

-- Versions that were deleted and whose bytes are kept.
create table hosted_deleted (
    hosted_deleted_id bigint not null generated always as identity,
    repository_id bigint not null,
    name text not null,
    version text not null,
    -- Files in `.kept`
    archive text not null,
    provenance text,
    size_bytes bigint not null,
    -- Seconds since 1970 in UTC
    deleted_at bigint not null,
    deleted_by text not null,
    constraint hosted_deleted_pkey primary key (hosted_deleted_id),
    constraint hosted_deleted_repository_id_fkey foreign key (repository_id)
        references repository (repository_id) on delete cascade
);

create index hosted_deleted_repository_id_idx on hosted_deleted (repository_id);
create index hosted_deleted_deleted_at_idx on hosted_deleted (deleted_at);
