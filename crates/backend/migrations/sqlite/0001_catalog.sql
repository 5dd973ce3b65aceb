-- Repositories, their charts, the charts' versions, and how following them goes.
--
-- A chart's row repeats what lists show of its newest version, so that a list reads one row a chart. A version's row
-- holds what its index entry says and, once its archive has been read, a summary of the archive; the files themselves
-- stay in the archive. Points in time are seconds since 1970 in UTC.

-- Counts every change that lists can show. A chart carries the count of its last change, so that a reader that knows
-- count n asks for the charts past n; `full_generation` tells readers from before it to read everything again.
create table catalog_state (
    catalog_state_id bigint not null,
    generation bigint not null,
    full_generation bigint not null,
    samples_added boolean not null,
    constraint catalog_state_pkey primary key (catalog_state_id),
    constraint catalog_state_one_row check (catalog_state_id = 1)
);

insert into catalog_state (catalog_state_id, generation, full_generation, samples_added) values (1, 1, 0, false);

create table repository (
    repository_id integer not null,
    name text not null,
    url text not null,
    -- `samples` or `synced`
    kind text not null,
    -- `config`, `operator` or `bundle`: who may change it
    managed_by text not null,
    -- JSON: credentials, certificates, intervals
    settings text not null,
    created_at bigint not null,

    -- The index that was taken over last.
    index_etag text,
    index_last_modified text,
    index_digest blob,
    n_charts bigint not null default 0,
    n_versions bigint not null default 0,
    n_skipped bigint not null default 0,

    last_success_at bigint,
    last_attempt_at bigint,
    next_run_at bigint not null,
    last_error text,
    n_failures bigint not null default 0,

    -- An index that shrank too much waits here for an operator.
    held_n_before bigint,
    held_n_now bigint,
    held_accepted boolean not null default false,

    -- Which process works on it, and until when that holds without being renewed.
    lease_owner text,
    lease_until bigint not null default 0,

    constraint repository_pkey primary key (repository_id),
    constraint repository_name_key unique (name)
);

create table chart (
    chart_id integer not null,
    repository_id bigint not null,
    name text not null,
    added_at bigint not null,
    generation bigint not null,
    n_versions bigint not null default 0,

    -- Of the newest version.
    version text not null default '',
    app_version text,
    description text not null default '',
    -- JSON array of text
    keywords text not null default '[]',
    icon_url text,
    is_library boolean not null default false,
    deprecated boolean not null default false,
    has_schema boolean not null default false,
    is_signed boolean not null default false,
    yanked boolean not null default false,
    published_at bigint,

    constraint chart_pkey primary key (chart_id),
    constraint chart_repository_id_name_key unique (repository_id, name),
    constraint chart_repository_id_fkey foreign key (repository_id)
        references repository (repository_id) on delete cascade
);

create index chart_generation_idx on chart (generation);

create table chart_version (
    chart_version_id integer not null,
    chart_id bigint not null,
    version text not null,
    -- Orders versions by SemVer precedence when compared byte by byte.
    sort_key blob not null,
    is_prerelease boolean not null,

    -- As the index says. The hash tells whether an entry differs from what is stored.
    entry_hash bigint not null,
    app_version text,
    published_at bigint,
    deprecated boolean not null,
    -- JSON: what only the version's own page shows
    details text not null,
    -- SHA-256 that the archive should have
    digest blob,

    -- When it was found to be gone from the index.
    yanked_at bigint,

    -- 0 wanted, 1 read, 2 failed
    archive_state bigint not null default 0,
    archive_attempts bigint not null default 0,
    archive_retry_at bigint not null default 0,
    archive_error text,
    -- The archive that is in the store, which may be an older one than `digest` while a changed one is being fetched.
    archive_digest blob,
    archive_bytes bigint,
    -- JSON: summary of the archive in the store
    contents text,

    constraint chart_version_pkey primary key (chart_version_id),
    constraint chart_version_chart_id_version_key unique (chart_id, version),
    constraint chart_version_chart_id_fkey foreign key (chart_id) references chart (chart_id) on delete cascade
);

-- Garbage collection asks whether anything refers to an object.
create index chart_version_archive_digest_idx on chart_version (archive_digest);

create table skipped_entry (
    skipped_entry_id integer not null,
    repository_id bigint not null,
    name text not null,
    version text not null,
    reason text not null,
    constraint skipped_entry_pkey primary key (skipped_entry_id),
    constraint skipped_entry_repository_id_fkey foreign key (repository_id)
        references repository (repository_id) on delete cascade
);

create index skipped_entry_repository_id_idx on skipped_entry (repository_id);

create table sync_run (
    sync_run_id integer not null,
    repository_id bigint not null,
    started_at bigint not null,
    duration_ms bigint not null,
    unchanged boolean not null,
    n_added bigint not null,
    n_changed bigint not null,
    n_yanked bigint not null,
    n_archives bigint not null,
    error text,
    constraint sync_run_pkey primary key (sync_run_id),
    constraint sync_run_repository_id_fkey foreign key (repository_id)
        references repository (repository_id) on delete cascade
);

create index sync_run_repository_id_idx on sync_run (repository_id, sync_run_id);

-- Pictures by the URL that charts name. The digest is that of our own encoding of it.
create table icon (
    url text not null,
    -- A repository that names it: its credentials and permissions are used to fetch it.
    repository_id bigint not null,
    digest blob,
    media_type text,
    attempts bigint not null default 0,
    retry_at bigint not null default 0,
    error text,
    constraint icon_pkey primary key (url),
    constraint icon_repository_id_fkey foreign key (repository_id)
        references repository (repository_id) on delete cascade
);

create index icon_digest_idx on icon (digest);
