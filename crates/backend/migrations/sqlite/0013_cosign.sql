-- What cosign put beside charts in registries of others: signatures of a chart's manifest, with that manifest. Whether they
-- are worth something is asked anew each time.

create table cosign_signature (
    chart_version_id bigint not null,
    -- SHA-256 of the archive that they are about: of another archive they say nothing
    archive_digest blob not null,
    -- JSON; none where the registry has none
    body blob,
    -- Seconds since 1970 in UTC: somebody may sign later
    asked_at bigint not null,
    constraint cosign_signature_pkey primary key (chart_version_id),
    constraint cosign_signature_chart_version_id_fkey foreign key (chart_version_id)
        references chart_version (chart_version_id) on delete cascade
);
