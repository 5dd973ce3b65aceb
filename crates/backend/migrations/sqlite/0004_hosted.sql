-- Repositories whose charts are uploaded here. What lists and pages show of them is in the catalog's own tables; this is
-- what lies in the directory of hosted charts, and the entries of the index.

create table hosted_repository (
    repository_id bigint not null,
    -- Its place in addresses and in the directory: empty, `repo`, `org/repo` and so on
    tenant text not null,
    -- Counts every change of its index. A file carries the count of its last change, so that a reader that knows count n
    -- asks for the files past n; one from before `floor_generation` reads everything again.
    generation bigint not null default 0,
    floor_generation bigint not null default 0,
    -- Milliseconds since 1970 in UTC
    changed_at bigint not null,
    constraint hosted_repository_pkey primary key (repository_id),
    constraint hosted_repository_tenant_key unique (tenant),
    constraint hosted_repository_repository_id_fkey foreign key (repository_id)
        references repository (repository_id) on delete cascade
);

create table hosted_file (
    hosted_file_id integer not null,
    repository_id bigint not null,
    file_name text not null,
    generation bigint not null,
    -- `live`; `removing`: out of sight, and its file is still to be removed; `gone`: told to readers of changes
    state text not null,
    -- Of an archive that is live
    chart_version_id bigint,
    -- Of an archive; empty for a provenance file
    name text not null,
    version text not null,
    digest blob not null,
    size_bytes bigint not null,
    -- When its file was changed, in nanoseconds since 1970: with the size it tells whether somebody else changed it
    modified_at bigint not null,
    -- The file that holds its bytes until they are in their place
    staged text,
    -- JSON: the entry of the index; empty for a provenance file
    entry text not null,
    constraint hosted_file_pkey primary key (hosted_file_id),
    constraint hosted_file_repository_id_file_name_key unique (repository_id, file_name),
    constraint hosted_file_state_check check (state in ('live', 'removing', 'gone')),
    constraint hosted_file_repository_id_fkey foreign key (repository_id)
        references repository (repository_id) on delete cascade
);

create index hosted_file_repository_id_generation_idx on hosted_file (repository_id, generation);
create index hosted_file_repository_id_name_idx on hosted_file (repository_id, name);
create index hosted_file_chart_version_id_idx on hosted_file (chart_version_id);
