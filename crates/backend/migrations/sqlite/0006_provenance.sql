-- Provenance files (`<archive>.prov`) of charts that others publish, as their repositories sent them.

create table provenance (
    chart_version_id bigint not null,
    -- SHA-256 of the archive that it is about: of another archive it says nothing
    archive_digest blob not null,
    -- None where the repository has none
    body blob,
    -- Seconds since 1970 in UTC
    asked_at bigint not null,
    constraint provenance_pkey primary key (chart_version_id),
    constraint provenance_chart_version_id_fkey foreign key (chart_version_id)
        references chart_version (chart_version_id) on delete cascade
);

-- Failed archives are counted for every repository that is shown, and there are few of them.
create index chart_version_failed_idx on chart_version (chart_id) where archive_state = 2;
