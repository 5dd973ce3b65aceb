-- Who is told of what happens to hosted charts, and what is still to be told: rows that the change itself writes.

create table hosted_webhook (
    hosted_webhook_id bigint not null generated always as identity,
    -- Null where it is told of all hosted repositories
    repository_id bigint,
    url text not null,
    -- Sealed under a key that is not in the database
    secret bytea not null,
    -- Their names with spaces between them
    events text not null,
    is_enabled boolean not null default true,
    -- Seconds since 1970 in UTC
    created_at bigint not null,
    created_by text not null,
    constraint hosted_webhook_pkey primary key (hosted_webhook_id),
    constraint hosted_webhook_repository_id_fkey foreign key (repository_id)
        references repository (repository_id) on delete cascade
);

create index hosted_webhook_repository_id_idx on hosted_webhook (repository_id);

create table hosted_delivery (
    hosted_delivery_id bigint not null generated always as identity,
    hosted_webhook_id bigint not null,
    message_id text not null,
    event text not null,
    about text not null,
    -- The bytes that are signed
    body text not null,
    created_at bigint not null,
    -- `waiting`, `delivered` or `failed`
    state text not null default 'waiting',
    n_attempts bigint not null default 0,
    next_at bigint not null,
    -- Until then one process has it
    claimed_until bigint not null default 0,
    status bigint,
    error text,
    constraint hosted_delivery_pkey primary key (hosted_delivery_id),
    constraint hosted_delivery_hosted_webhook_id_fkey foreign key (hosted_webhook_id)
        references hosted_webhook (hosted_webhook_id) on delete cascade
);

create index hosted_delivery_hosted_webhook_id_idx on hosted_delivery (hosted_webhook_id, hosted_delivery_id);
create index hosted_delivery_state_next_at_idx on hosted_delivery (state, next_at);
